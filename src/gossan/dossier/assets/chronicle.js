// Shows only the statements of one source. Without scripts all of them are shown.
"use strict";
(function () {
  const box = document.getElementById("source-filter");
  if (!box) return;
  const select = document.getElementById("source-select");
  const count = document.getElementById("source-count");
  const rows = Array.from(document.querySelectorAll("table.chronicle tbody tr"));

  function show() {
    let n = 0;
    for (const row of rows) {
      const mine = row.dataset.sources.split(" ");
      const wanted = select.value === "" || mine.includes(select.value);
      row.hidden = !wanted;
      n += wanted ? 1 : 0;
    }
    count.textContent = n + " of " + rows.length + " statements";
  }

  select.addEventListener("change", show);
  box.hidden = false;
  show();
})();
