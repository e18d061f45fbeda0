// Gives the admin's scripted controls the names that their own scripts leave out.
const name = (root) => {
  for (const select of root.querySelectorAll("select.admin-autocomplete")) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const box = select.parentElement.querySelector('[role="combobox"]');
    if (!label || !box) continue;
    label.id ||= `${select.id}_label`;
    const value = box.querySelector('[role="textbox"]');
    value?.setAttribute("aria-labelledby", label.id);
    box.setAttribute("aria-labelledby", [label.id, value?.id].filter(Boolean).join(" "));
  }
  for (const hint of root.querySelectorAll(".search-label-icon[aria-label]")) hint.setAttribute("role", "img");
};
addEventListener("load", () => name(document));
window.django?.jQuery?.(() => name(document)); // jQuery may call its listeners, the controls' among them, after `load`
addEventListener("formset:added", (event) => name(event.target));
