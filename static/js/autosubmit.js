// A choice that takes effect at once. Without script its form's button does the same.
for (const control of document.querySelectorAll("[data-autosubmit]")) {
  for (const button of control.form.querySelectorAll("[data-autosubmit-button]")) button.hidden = true;
  control.addEventListener("change", () => control.form.requestSubmit());
}
