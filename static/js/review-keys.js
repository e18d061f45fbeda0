// Single keys on the review page, for those who decide many cases a day. They can be switched off, which is remembered.
const STORED = "review-keys";

const toggle = document.querySelector("[data-review-keys-on]");
if (toggle) {
  toggle.checked = localStorage.getItem(STORED) !== "off";
  toggle.addEventListener("change", () => localStorage.setItem(STORED, toggle.checked ? "on" : "off"));

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select");
    if (!toggle.checked || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (button) {
      event.preventDefault();
      button.click();
      const needs = button.dataset.needs;
      if (needs) (document.querySelector(`#decision [name=${needs}]`) || button).focus();
    }
  });
}
