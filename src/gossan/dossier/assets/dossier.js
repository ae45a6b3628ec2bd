// The map with its date slider, and the before/after sliders. Reads only what the page holds.
"use strict";
(function () {
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const slider = document.getElementById("date-slider");
  const label = document.getElementById("date-label");
  const count = document.getElementById("site-count");
  const still = document.getElementById("still");
  const state = { colouring: "natural", map: null, markers: [] };

  // What an element says, with the fields of its words filled in.
  function say(element, fields) {
    return element.dataset.words.replace(/\{(\w+)\}/g, (_, name) => fields[name]);
  }

  function picture(image) {
    return image[state.colouring] || image.natural || image.false;
  }

  function begun(date) {
    return data.sites.features.filter((f) => f.properties.began <= date);
  }

  function show() {
    const image = data.images[Number(slider.value)];
    const sites = begun(image.date);
    label.textContent = image.label;
    slider.setAttribute("aria-valuetext", image.label);
    const confirmed = (list) => list.filter((f) => !f.properties.provisional).length;
    const all = data.sites.features;
    count.textContent = say(count, {
      confirmed: confirmed(sites),
      all_confirmed: confirmed(all),
      provisional: sites.length - confirmed(sites),
      all_provisional: all.length - confirmed(all),
    });
    if (state.map) showMap(image, sites);
    else if (still) showStill(image);
  }

  function showStill(image) {
    const source = picture(image);
    if (source) document.getElementById("still-image").setAttribute("href", source);
    still.setAttribute("aria-label", say(still, { image: image.label }));
    for (const site of still.querySelectorAll(".site")) {
      site.toggleAttribute("hidden", site.dataset.began > image.date);
    }
  }

  function showMap(image, sites) {
    const source = picture(image);
    if (source) state.map.getSource("ground").updateImage({ url: source, coordinates: image.corners });
    state.map.getSource("sites").setData({ type: "FeatureCollection", features: sites });
    const numbers = new Set(sites.map((f) => f.properties.number));
    for (const m of state.markers) m.element.hidden = !numbers.has(m.number);
  }

  function style(image) {
    const outline = ["get", "colour"];
    const firm = ["!", ["get", "provisional"]];
    const wide = { "line-color": "#000", "line-width": 5, "line-opacity": 0.7 };
    return {
      version: 8,
      sources: {
        ground: { type: "image", url: picture(image), coordinates: image.corners },
        area: { type: "geojson", data: data.area },
        sites: { type: "geojson", data: data.sites },
        lines: { type: "geojson", data: data.lines },
      },
      layers: [
        { id: "paper", type: "background", paint: { "background-color": "#e9ecee" } },
        { id: "ground", type: "raster", source: "ground", paint: { "raster-resampling": "nearest", "raster-fade-duration": 0 } },
        { id: "area", type: "line", source: "area", paint: { "line-color": "#fff", "line-width": 1.5, "line-dasharray": [3, 2] } },
        { id: "line-casing", type: "line", source: "lines", layout: { "line-join": "round" }, paint: { "line-color": "#fff", "line-width": 4, "line-opacity": 0.8 } },
        { id: "lines", type: "line", source: "lines", layout: { "line-join": "round" }, paint: { "line-color": "#0b5cad", "line-width": 2 } },
        { id: "casing", type: "line", source: "sites", layout: { "line-join": "round" }, paint: wide },
        { id: "firm", type: "line", source: "sites", filter: firm, layout: { "line-join": "round" }, paint: { "line-color": outline, "line-width": 2.5 } },
        { id: "provisional", type: "line", source: "sites", filter: ["get", "provisional"], paint: { "line-color": outline, "line-width": 2.5, "line-dasharray": [2, 1.2] } },
      ],
    };
  }

  function number(feature) {
    const link = document.createElement("a");
    link.className = "site-number";
    link.href = "#site-" + feature.properties.number;
    link.textContent = feature.properties.number;
    link.setAttribute("aria-label", "Site " + feature.properties.number);
    new maplibregl.Marker({ element: link, anchor: "bottom" })
      .setLngLat(feature.properties.at).addTo(state.map);
    link.setAttribute("aria-label", "Site " + feature.properties.number);
    return { number: feature.properties.number, element: link };
  }

  function place(point) {
    const dot = document.createElement("span");
    dot.className = "map-place";
    dot.title = point.name;
    new maplibregl.Marker({ element: dot }).setLngLat(point.at).addTo(state.map);
    dot.setAttribute("aria-label", point.name);
  }

  function startMap(first) {
    const box = document.getElementById("map");
    box.hidden = false;
    const [w, s, e, n] = data.bounds;
    let map;
    try {
      map = new maplibregl.Map({
        container: box, style: style(first), bounds: [[w, s], [e, n]], fitBoundsOptions: { padding: 12 },
        attributionControl: false, dragRotate: false, pitchWithRotate: false, cooperativeGestures: true,
      });
    } catch (error) {
      box.hidden = true;
      return;
    }
    map.touchZoomRotate.disableRotation();
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
    map.addControl(new maplibregl.ScaleControl({ maxWidth: 120 }));
    map.once("load", function () {
      state.map = map;
      state.markers = data.sites.features.map(number);
      data.points.forEach(place);
      if (still) still.setAttribute("hidden", "");
      show();
      document.documentElement.dataset.map = "webgl";
    });
  }

  function hasWebGL() {
    try {
      return Boolean(document.createElement("canvas").getContext("webgl2"));
    } catch (error) {
      return false;
    }
  }

  function startColouring(first) {
    const radios = Array.from(document.querySelectorAll("input[name=colouring]"));
    state.colouring = first.natural ? "natural" : "false";
    for (const radio of radios) {
      radio.checked = radio.value === state.colouring;
      radio.addEventListener("change", function () {
        state.colouring = radio.value;
        show();
      });
    }
    document.getElementById("colouring").hidden = radios.length < 2;
  }

  function startCompare(box) {
    const controls = box.parentElement.querySelector(".compare-controls");
    const range = controls.querySelector("input[type=range]");
    const side = controls.querySelector(".side");
    function place() {
      box.classList.toggle("sliding", !side.checked);
      box.style.setProperty("--cut", range.value + "%");
      range.setAttribute("aria-valuetext", range.value + " % before");
      range.disabled = side.checked;
    }
    range.addEventListener("input", place);
    side.addEventListener("change", place);
    controls.hidden = false;
    place();
  }

  if (data.images.length) {
    const last = data.images[data.images.length - 1];
    startColouring(last);
    document.getElementById("map-controls").hidden = false;
    slider.addEventListener("input", show);
    document.documentElement.dataset.map = "still";
    show();
    if (picture(last) && window.maplibregl && hasWebGL()) startMap(last);
  }
  document.querySelectorAll("[data-compare]").forEach(startCompare);
})();
