// Nothing typed and no click is lost: a form asks before it is left, and stays open where it cannot be sent.
const WORDS = {
  offline: "You're offline. What you entered is still here. Try again when you're back online.",
  down: "We can't save this right now. What you entered is still here. Try again in a moment.",
  offlineClick: "You're offline, so nothing was changed. Try again when you're back online.",
  downClick: "This didn't work, so nothing was changed. Try again in a moment.",
  leave: "Leave without saving what you entered?",
};
const dirtyForms = (root = document) => [...root.querySelectorAll("form[data-dirty]")];
const clean = (form) => form && delete form.dataset.dirty;

// Sign-in forms, searches, rows ticked in a list and forms of a single menu have nothing to lose.
const isTyped = (form) =>
  form?.method === "post" &&
  !form.querySelector("[type=password], [name=_selected_action]") &&
  form.querySelector("textarea, input:not([type=hidden])");

const say = (form, failure) => {
  let notice = form.querySelector("[data-unsent]");
  if (!notice) {
    notice = document.createElement("p");
    notice.className = "notice notice--error";
    notice.setAttribute("role", "alert");
    notice.dataset.unsent = "true";
    form.append(notice);
  }
  notice.textContent = WORDS[isTyped(form) ? failure : `${failure}Click`];
};

document.addEventListener("input", (event) => {
  if (isTyped(event.target.form)) event.target.form.dataset.dirty = "true";
});

addEventListener("beforeunload", (event) => {
  if (dirtyForms().length) event.preventDefault();
});

// Without htmx a form that cannot be sent would be replaced by the browser's own error page. So the site is asked first,
// for this file, which costs it nothing. A connection that stalls counts as none.
const OURS = document.currentScript.src;
const LONGEST_ASK_MS = 8000;
const unreachable = async () => {
  if (!navigator.onLine) return "offline";
  try {
    const signal = AbortSignal.timeout(LONGEST_ASK_MS);
    const response = await fetch(OURS, { method: "HEAD", cache: "no-store", signal });
    return response.status < 500 ? "" : "down";
  } catch (error) {
    return navigator.onLine && error.name !== "TimeoutError" ? "down" : "offline";
  }
};

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.reachable) {
    delete form.dataset.reachable;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.dataset.asking) return;
  form.dataset.asking = "true";
  submitter?.setAttribute("aria-busy", "true");
  const failure = await unreachable();
  submitter?.removeAttribute("aria-busy");
  delete form.dataset.asking;
  if (failure) {
    say(form, failure);
  } else {
    clean(form);
    form.dataset.reachable = "true";
    form.requestSubmit(submitter?.form === form ? submitter : null); // htmx may have replaced the button meanwhile
  }
});

// In the page, with htmx.
const formOf = (event) => (event.detail.elt.matches("form") ? event.detail.elt : null);

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, target } = event.detail;
  const lost = dirtyForms(target).filter((form) => form !== elt);
  if (lost.length && !confirm(WORDS.leave)) event.preventDefault();
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 400) clean(formOf(event)); // saved, shown again with what is wrong, or kept by the site
});
for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, (event) => {
    const form = formOf(event);
    if (form) say(form, navigator.onLine ? "down" : "offline");
  });
}
