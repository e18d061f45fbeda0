// A search that is sent while it is filled in says above its results what cannot be read. What stands beside its fields
// is from when the page was opened, and over.
document.addEventListener("htmx:afterSettle", (event) => {
  if (!event.target.closest?.(".results")) return;
  for (const field of document.querySelectorAll(".filters .field--error")) {
    field.classList.remove("field--error");
    field.querySelector(".errorlist").remove();
    for (const input of field.querySelectorAll("[aria-invalid]")) {
      input.removeAttribute("aria-invalid");
      input.setAttribute("aria-describedby", input.getAttribute("aria-describedby").replace(/\S+_error/, "").trim());
    }
  }
});
