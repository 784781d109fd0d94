// Sorts, searches and filters the tenants. Without it the page reads whole.
"use strict";
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const body = document.getElementById("rows");
  const rows = [...body.rows];
  const texts = rows.map((row) => `${row.textContent} ${row.dataset.rules}`.toLowerCase());
  const show = () => {
    const wanted = form.elements.text.value.trim().toLowerCase();
    const move = form.elements.move.value;
    let count = 0;
    rows.forEach((row, place) => {
      row.hidden = !texts[place].includes(wanted) || (move && !row.cells[2].textContent.endsWith(move));
      count += !row.hidden;
    });
    form.querySelector("output").textContent = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
  };
  const worth = (cell) => {
    const text = cell.querySelector("time")?.dateTime ?? cell.textContent;
    const number = parseInt(text.replaceAll(",", ""), 10);
    return cell.classList.contains("number") ? (Number.isNaN(number) ? -1 : number) : text.toLowerCase();
  };
  const sort = (head, column) => {
    const down = head.getAttribute("aria-sort") === "ascending" || (!head.hasAttribute("aria-sort") && head.classList.contains("number"));
    head.parentElement.querySelectorAll("[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const keys = new Map(rows.map((row) => [row, worth(row.cells[column])]));
    const compare = (a, b) => (keys.get(a) < keys.get(b) ? -1 : keys.get(a) > keys.get(b) ? 1 : 0);
    body.append(...rows.toSorted((a, b) => (down ? compare(b, a) : compare(a, b))));
  };
  [...body.parentElement.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", ariaLabel: `Sort by ${head.textContent}` });
    button.addEventListener("click", () => sort(head, column));
    head.append(" ", button);
  });
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  show();
})();
