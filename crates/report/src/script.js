"use strict";
// Sorts tables by the heading that is clicked, and filters the table of tasks. Nothing else needs
// a script.
for (const table of document.querySelectorAll("table.sortable")) {
  table.classList.add("ready");
  const headings = [...table.tHead.rows[0].cells];
  const value = (body, column) => {
    const cell = body.rows[0].cells[column];
    return cell.dataset.value ?? cell.textContent;
  };
  headings.forEach((heading, column) => {
    const sort = () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const isNumber = heading.classList.contains("number");
      const compare = isNumber
        ? (a, b) => Number(value(a, column)) - Number(value(b, column))
        : (a, b) => value(a, column).localeCompare(value(b, column));
      const bodies = [...table.tBodies].sort(compare);
      if (down) bodies.reverse();
      table.append(...bodies);
    };
    heading.tabIndex = 0;
    heading.addEventListener("click", sort);
    heading.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(); }
    });
  });
}
const filter = document.querySelector(".filter");
if (filter) {
  filter.hidden = false;
  const [text, only] = filter.querySelectorAll("input");
  const bodies = [...document.querySelector("table.tasks").tBodies];
  const apply = () => {
    const wanted = text.value.trim().toLowerCase();
    for (const body of bodies) {
      body.hidden = (only.checked && body.classList.contains("done"))
        || !body.textContent.toLowerCase().includes(wanted);
    }
  };
  text.addEventListener("input", apply);
  only.addEventListener("change", apply);
}
