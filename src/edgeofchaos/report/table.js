// Sorting, filtering, thumbnails. The state of the tables is in the address, so it can be shared:
// #sort=verdict  #sort=-measured&verdict=refuted,qualified&q=swish  #edge.sort=q&edge.activation=tanh
"use strict";
(() => {
  document.documentElement.classList.add("js");
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const state = new Map();

  // Numbers come before words, and cells without a value last in either direction.
  const keyOf = (cell) => {
    const text = cell.dataset.sort ?? cell.textContent.trim();
    if (text === "") return [2, ""];
    const number = Number(text);
    return Number.isNaN(number) ? [1, text.toLowerCase()] : [0, number];
  };
  const compare = (a, b, sign) => {
    if (a[0] !== b[0]) return a[0] - b[0];
    return a[1] < b[1] ? -sign : a[1] > b[1] ? sign : 0;
  };

  const tables = all("table.sortable").map((element) => {
    const body = element.tBodies[0];
    return { element, body, rows: [...body.rows], buttons: all("th button", element), key: element.dataset.state };
  });

  const sort = ({ body, rows, buttons, key }) => {
    const wanted = state.get(key) ?? "";
    const sign = wanted.startsWith("-") ? -1 : 1;
    const column = buttons.findIndex((b) => b.dataset.column === wanted.replace(/^-/, ""));
    buttons.forEach((button, i) => {
      const direction = i !== column ? "none" : sign > 0 ? "ascending" : "descending";
      button.closest("th").setAttribute("aria-sort", direction);
    });
    const ordered = [...rows];
    if (column >= 0) {
      const keys = new Map(rows.map((row) => [row, keyOf(row.cells[column])]));
      ordered.sort((a, b) => compare(keys.get(a), keys.get(b), sign));
    }
    body.append(...ordered);
  };

  const claims = tables.find((t) => t.key === "sort");
  const chips = all("button[data-verdict]");
  const search = document.getElementById("search");
  const texts = new Map(claims.rows.map((row) => {
    const detail = document.getElementById("claim-" + row.dataset.claim);
    return [row, (row.textContent + " " + detail.textContent).toLowerCase()];
  }));
  const verdicts = () => (state.get("verdict") ?? "").split(",").filter(Boolean);

  const filterClaims = () => {
    const wanted = verdicts();
    const words = (state.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of claims.rows) {
      const fits = (!wanted.length || wanted.includes(row.dataset.verdict))
        && words.every((word) => texts.get(row).includes(word));
      row.hidden = !fits;
      count += fits;
    }
    for (const chip of chips) chip.setAttribute("aria-pressed", String(wanted.includes(chip.dataset.verdict)));
    document.querySelector(".chips").classList.toggle("filtered", wanted.length > 0);
    const total = claims.rows.length;
    document.getElementById("shown").textContent = count < total ? `${count} of ${total} shown` : "";
  };

  const selects = all("select[data-filter]");
  const filterTables = () => {
    for (const select of selects) {
      const wanted = state.get(select.dataset.filter + ".activation") ?? "";
      select.value = wanted;
      const rows = tables.find((t) => t.element.id === select.dataset.filter).rows;
      for (const row of rows) {
        row.hidden = wanted !== "" && row.querySelector(".activation").textContent.trim() !== wanted;
      }
    }
  };

  const show = () => {
    tables.forEach(sort);
    filterClaims();
    filterTables();
  };
  const set = (key, value) => {
    value ? state.set(key, value) : state.delete(key);
    show();
    const hash = [...state].map(([k, v]) => k + "=" + encodeURIComponent(v).replace(/%2C/g, ",")).join("&");
    // An opaque origin (a page inside another report) may not change its address.
    try { history.replaceState(null, "", "#" + hash); } catch { /* the table is sorted all the same */ }
  };
  const read = () => {
    const hash = location.hash.slice(1);
    if (!hash.includes("=")) return; // a link to a part of the page
    state.clear();
    for (const [key, value] of new URLSearchParams(hash)) if (value) state.set(key, value);
    search.value = state.get("q") ?? "";
    show();
  };

  for (const { buttons, key } of tables) {
    for (const button of buttons) {
      const name = button.dataset.column;
      const next = { [name]: "-" + name, ["-" + name]: "" };
      button.addEventListener("click", () => set(key, next[state.get(key)] ?? name));
    }
  }
  for (const chip of chips) {
    chip.addEventListener("click", () => {
      const wanted = new Set(verdicts());
      if (!wanted.delete(chip.dataset.verdict)) wanted.add(chip.dataset.verdict);
      set("verdict", [...wanted].join(","));
    });
  }
  search.addEventListener("input", () => set("q", search.value.trim()));
  for (const select of selects) {
    select.addEventListener("change", () => set(select.dataset.filter + ".activation", select.value));
  }
  // Each figure is in the file once; its thumbnails borrow it.
  for (const link of all("a[data-figure]")) {
    const image = new Image();
    image.alt = "";
    image.src = document.getElementById("image-" + link.dataset.figure).src;
    link.prepend(image);
  }
  addEventListener("hashchange", read);
  read();
})();
