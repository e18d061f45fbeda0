// A box that ticks all others of its form, and follows them. It is hidden until there is a script to do it.
for (const all of document.querySelectorAll("[data-tick-all]")) {
  const boxes = () => [...document.querySelectorAll(`[type="checkbox"][form="${all.dataset.tickAll}"]`)];
  const follow = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
  };
  all.closest("[hidden]").hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
  });
  document.addEventListener("change", follow);
  follow();
}
