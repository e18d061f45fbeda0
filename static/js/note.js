// A note opens with its text ready to be changed. Escape and Cancel close it; Escape also puts away a picker,
// and so does a click elsewhere while nothing is typed in it.
document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches("details.note[open]")) event.target.querySelector("textarea")?.focus();
  },
  true,
);

const close = (note) => {
  note.open = false;
  note.querySelector("summary").focus();
};

document.addEventListener("click", (event) => {
  const note = event.target.closest("[data-cancel]")?.closest("details.note");
  if (!note) return;
  event.preventDefault();
  close(note);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const note = event.target.closest("details.note[open]");
  if (note) close(note);
  else (event.target.closest(".picker") ?? document.querySelector(".picker"))?.querySelector("[data-cancel]")?.click();
});

document.addEventListener("click", ({ target }) => {
  for (const picking of document.querySelectorAll(".picking")) {
    if (!picking.contains(target) && !picking.querySelector("input[name=name]").value) picking.dispatchEvent(new Event("away"));
  }
});
