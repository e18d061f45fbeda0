// A form is sent once: while the answer is on its way, a second click does nothing.
const LONGEST_WAIT_MS = 15000; // after a request that was stopped or lost, it may be sent again

const release = (form) => {
  delete form.dataset.sent;
  form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  event.submitter?.setAttribute("aria-busy", "true");
  setTimeout(() => release(form), LONGEST_WAIT_MS);
});

// Back from another page the form is as it was, and may be sent again.
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
