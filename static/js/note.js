// A note opens with its text ready to be changed. Escape closes it, and puts back the button where a picker stands.
document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches("details.note[open]")) event.target.querySelector("textarea")?.focus();
  },
  true,
);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const cancel = event.target.closest(".picker")?.querySelector("[data-cancel]");
  const note = event.target.closest("details.note[open]");
  if (cancel) cancel.click();
  if (note) {
    note.open = false;
    note.querySelector("summary").focus();
  }
});
