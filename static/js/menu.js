// Menus are <details>: they work without this. With it they close on Escape, on a click and when the focus goes elsewhere.
const openMenus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("focusin", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});

// A search that is sent from its sheet of filters shows its results.
document.addEventListener("submit", (event) => {
  for (const menu of event.target.querySelectorAll("details[data-menu][open]")) menu.open = false;
});
