// The menu of U.S. states stands beside that of countries only while the United States are chosen.
const offerStates = (country) => {
  const state = country.form.querySelector("select[name=state]");
  state.closest(".field").hidden = country.value !== country.dataset.withStates;
};
const offerAll = (root) => root.querySelectorAll("select[data-with-states]").forEach(offerStates);

offerAll(document);
document.addEventListener("htmx:afterSettle", (event) => offerAll(event.detail.elt));
document.addEventListener("change", ({ target }) => {
  if (target.matches("select[data-with-states]")) offerStates(target);
});
