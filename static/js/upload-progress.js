// How much of a file has been sent, shown beside the button that sends it. Without a script the browser tells it.
document.addEventListener("htmx:xhr:progress", (event) => {
  const form = event.target.closest("[data-upload-progress]");
  const { loaded, total, lengthComputable } = event.detail;
  if (!form || !lengthComputable) return;
  const progress = form.querySelector("progress");
  progress.hidden = false;
  progress.value = Math.round((100 * loaded) / total);
});
