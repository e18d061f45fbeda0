// A new profile's name is called by the kind of page chosen, and no agency begins with the name of who makes it.
const name = document.querySelector("input[data-own]");

document.addEventListener("change", ({ target }) => {
  if (!name || target.name !== "kind") return;
  const { own, [target.value]: label } = name.dataset;
  name.labels[0].firstChild.textContent = label;
  if (target.value === "agency" && name.value === own) name.value = "";
  else if (target.value === "freelancer" && !name.value) name.value = own;
});
