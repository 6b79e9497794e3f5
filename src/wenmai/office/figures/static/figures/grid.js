/* Pasting cells from a spreadsheet into the grid. Without this file the box below the grid takes the same text. */
"use strict";

document.querySelectorAll("table[data-grid]").forEach((table) => {
  table.addEventListener("paste", (event) => {
    const text = (event.clipboardData || window.clipboardData).getData("text");
    if (!/[\t\n]/.test(text.trimEnd())) return;
    const start = event.target.closest("td");
    if (!start) return;
    event.preventDefault();
    // What was said of a row stands in a row of its own, without inputs.
    const rows = [...table.tBodies[0].rows].filter((row) => row.querySelector("input"));
    const firstRow = rows.indexOf(start.parentElement);
    const firstCell = [...start.parentElement.cells].indexOf(start);
    const over = [];
    text.replace(/\r/g, "").replace(/\n+$/, "").split("\n").forEach((line, down) => {
      const row = rows[firstRow + down];
      if (!row) {
        // What does not fit goes into the box, whole rows in the order of the columns.
        over.push("\t".repeat(Math.max(0, firstCell - 1)) + line);
        return;
      }
      line.split("\t").forEach((cell, right) => {
        const input = row.cells[firstCell + right]?.querySelector("input");
        if (input) input.value = cell.trim();
      });
    });
    const box = document.getElementById("pasted");
    if (over.length && box) {
      box.value = [box.value.trimEnd(), ...over].filter(Boolean).join("\n");
      box.closest("details").open = true;
    }
  });
});
