(() => {
  "use strict";
  const table = document.querySelector("table[data-list]");
  const form = document.querySelector("form");
  if (table && form) {
    const rows = [...table.tBodies[0].rows];
    const said = document.getElementById("shown");
    const filter = () => {
      const text = form.text.value.trim().toLowerCase();
      let shown = 0;
      for (const row of rows) {
        const is = (name) => !form[name].value || row.dataset[name] === form[name].value;
        row.hidden = !(is("status") && is("vendor") && row.cells[0].textContent.toLowerCase().includes(text));
        shown += !row.hidden;
      }
      said.textContent = shown === rows.length ? "" : `${shown} of ${rows.length} rows shown`;
    };
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    filter();
    table.querySelectorAll("th[data-sort]").forEach((head) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") === "descending";
        table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const value = (row) => row.cells[head.cellIndex].dataset.value ?? "";
        const compare = (a, b) => {
          if (value(a) === "" || value(b) === "") return (value(a) === "") - (value(b) === "");
          const order = head.dataset.sort === "text" ? value(a).localeCompare(value(b)) : value(a) - value(b);
          return up ? order : -order;
        };
        table.tBodies[0].append(...[...rows].sort(compare));
      });
    });
  }
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
})();
