
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- The table -------------------------------------------------------------------------------
  const table = $("#ranked"), body = table.tBodies[0], rows = [...body.rows];
  const form = $(".filters"), count = $("#count");

  const filter = () => {
    const { ion, family, text, founded, more } = form.elements;
    table.classList.toggle("all", Boolean(more?.checked));
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const content = row.textContent.toLowerCase();
      const fits = (!ion.value || row.dataset.ion === ion.value)
        && (!family.value || row.dataset.family === family.value)
        && (!founded.checked || row.dataset.founded === "yes")
        && words.every((word) => content.includes(word));
      row.hidden = !fits;
      shown += fits;
    }
    count.value = `${shown} of ${rows.length} rows`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());

  const key = (row, index) => {
    const cell = row.cells[index], order = cell.dataset.order;
    return order === undefined ? cell.textContent.trim().toLowerCase() : order === "" ? null : Number(order);
  };
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
  const sort = (head) => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of $$("thead th", table)) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const keyed = rows.map((row) => [key(row, head.cellIndex), row]);
    keyed.sort(([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null);  // what is missing comes last
      return down ? compare(b, a) : compare(a, b);
    });
    body.append(...keyed.map(([, row]) => row));
  };
  for (const button of $$("thead button", table)) button.addEventListener("click", () => sort(button.parentElement));

  // ---- One viewer for all hosts: browsers keep few WebGL contexts -------------------------------
  const shapes = JSON.parse($("#structures").textContent);
  const panel = $("#viewer"), canvas = $("#canvas"), said = $("#viewer-text"), ends = $$("#ramp span");
  const RAMP = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"];
  const ramp = (share) => RAMP[Math.min(RAMP.length - 1, Math.max(0, Math.floor(share * RAMP.length)))];
  $$("#ramp rect").forEach((rect, step) => rect.setAttribute("fill", ramp((step + 0.5) / 20)));
  const ground = () => getComputedStyle(document.body).backgroundColor;
  const ink = () => getComputedStyle(document.body).color;
  let viewer = null, current = null, waiting = false;

  const start = () => {
    if (viewer === null) {
      try {
        viewer = $3Dmol.createViewer(canvas, { backgroundColor: ground(), antialias: true }) ?? false;
      } catch {
        viewer = false;
      }
    }
    return viewer;
  };

  const corner = (cell, a, b, c) => ({
    x: a * cell[0][0] + b * cell[1][0] + c * cell[2][0],
    y: a * cell[0][1] + b * cell[1][1] + c * cell[2][1],
    z: a * cell[0][2] + b * cell[1][2] + c * cell[2][2],
  });
  const drawCell = (cell, low, top) => {
    // Of the vacuum above and below nothing is drawn: it would only shrink the picture.
    const [base, height] = cell[2][2] ? [low / cell[2][2], top / cell[2][2]] : [0, NaN];
    for (const [a, b] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
      if (!a) viewer.addLine({ start: corner(cell, 0, b, base), end: corner(cell, 1, b, base), color: ink() });
      if (!b) viewer.addLine({ start: corner(cell, a, 0, base), end: corner(cell, a, 1, base), color: ink() });
      if (Number.isFinite(height)) viewer.addLine({ start: corner(cell, a, b, base), end: corner(cell, a, b, height), color: ink() });
    }
  };

  const draw = () => {
    const shape = shapes[current.host][current.ion];
    viewer.clear();
    viewer.setBackgroundColor(ground());
    const model = viewer.addModel(shape.xyz, "xyz");
    viewer.setStyle({}, { sphere: { scale: 0.32, colorscheme: "Jmol" }, stick: { radius: 0.11, colorscheme: "Jmol" } });
    const atoms = model.selectedAtoms({}), last = atoms[atoms.length - 1];
    viewer.setStyle({ index: last.index }, { sphere: { scale: 0.45, color: "#d55e00" } });
    const heights = atoms.map((atom) => atom.z);
    drawCell(shape.cell, Math.min(...heights) - 1, Math.max(...heights));
    const energies = shape.sites.map((site) => site.energy);
    const low = Math.min(...energies), high = Math.max(...energies);
    for (const site of shape.sites) {
      const [x, y, z] = site.at;
      const share = high > low ? (site.energy - low) / (high - low) : 0;
      const text = `${site.site}: ${site.energy.toFixed(2)} eV, ${site.outcome}`;
      viewer.addSphere({
        center: { x, y, z }, radius: 0.42, color: ramp(share), opacity: 0.9, clickable: true,
        callback: () => { said.textContent = text; },
        hoverable: true, hover_callback: () => { said.textContent = text; }, unhover_callback: () => {},
      });
    }
    $("#ramp").hidden = !energies.length;
    ends[0].textContent = energies.length ? `${low.toFixed(2)} eV` : "";
    ends[1].textContent = energies.length ? `${high.toFixed(2)} eV` : "";
    viewer.zoomTo();
    viewer.rotate(-70, "x");
    viewer.zoom(1.15);
    viewer.render();
    said.textContent = `${current.ion} (orange) at its best site; small spheres: where the ion ended from each site tried, coloured by energy.`;
  };

  const show = (host, ion) => {
    const known = shapes[host];
    if (!known) { panel.hidden = true; return; }
    current = { host, ion: known[ion] ? ion : Object.keys(known)[0] };
    for (const button of $$(".show button")) {
      const mine = button.dataset.host === host && button.dataset.ion === current.ion;
      button.setAttribute("aria-pressed", String(mine));
    }
    $(".place", document.getElementById(host)).append(panel);
    panel.hidden = false;
    if (!start()) {
      canvas.hidden = $("#ramp").hidden = true;
      said.textContent = "This browser has no WebGL: the stills above are all it can show.";
      return;
    }
    // Many hosts may open at once; only the last is drawn.
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(() => { waiting = false; viewer.resize(); draw(); });
    }
  };

  for (const button of $$(".show button")) button.addEventListener("click", () => show(button.dataset.host, button.dataset.ion));
  for (const host of $$(".host")) {
    host.addEventListener("toggle", () => { if (host.open && current?.host !== host.id) show(host.id, form.elements.ion.value); });
  }
  canvas.addEventListener("keydown", (event) => {
    const turns = { ArrowLeft: [-10, "y"], ArrowRight: [10, "y"], ArrowUp: [-10, "x"], ArrowDown: [10, "x"] };
    if (turns[event.key]) viewer.rotate(...turns[event.key]);
    else if (event.key === "+") viewer.zoom(1.2);
    else if (event.key === "-") viewer.zoom(1 / 1.2);
    else return;
    event.preventDefault();
    viewer.render();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (viewer && current) draw(); });

  // ---- Links open what they point to --------------------------------------------------------------
  const open = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target?.matches("details")) {
      target.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", open);
  filter();
  open();
})();
