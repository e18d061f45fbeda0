// What needs attention first gets the focus: a summary of errors, or what was just put into the page.
const attend = (root) => (root.matches?.("[data-focus]") ? root : root.querySelector("[data-focus]"))?.focus();

attend(document);
document.addEventListener("htmx:afterSettle", (event) => attend(event.detail.elt));
