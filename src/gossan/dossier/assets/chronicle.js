// Tables whose rows a reader may choose by name. Without scripts all rows are shown.
"use strict";
document.querySelectorAll(".filter").forEach(function (box) {
  const select = box.querySelector("select");
  const count = box.querySelector("output");
  const rows = Array.from(box.parentElement.querySelectorAll("tbody tr[data-names]"));

  function show() {
    let n = 0;
    for (const row of rows) {
      const wanted = select.value === "" || row.dataset.names.split(" ").includes(select.value);
      row.hidden = !wanted;
      n += wanted ? 1 : 0;
    }
    const fields = { shown: n, all: rows.length };
    count.textContent = count.dataset.words.replace(/\{(\w+)\}/g, (_, name) => fields[name]);
  }

  select.addEventListener("change", show);
  box.hidden = false;
  show();
});
