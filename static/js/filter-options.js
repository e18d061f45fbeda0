// A box above a long list of choices that narrows it by acronym or name. Without script the whole list stands.
const FEWEST = 6;

for (const list of document.querySelectorAll("[data-filter-options]")) {
  const options = [...list.querySelectorAll("label")].map((label) => label.parentElement);
  if (options.length < FEWEST) continue;

  const box = document.createElement("input");
  box.type = "search";
  box.className = "options-filter";
  box.placeholder = "Search by acronym or name";
  box.setAttribute("aria-label", `Search: ${list.dataset.filterOptions}`);
  const count = document.createElement("p");
  count.className = "visually-hidden";
  count.setAttribute("role", "status");
  const none = document.createElement("p");
  none.className = "options__none";
  none.textContent = "None fits. Try fewer letters.";
  none.hidden = true;
  list.before(box, count);
  list.append(none);

  const narrow = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const option of options) {
      const text = option.textContent.toLowerCase();
      const fits = words.every((word) => text.includes(word));
      // A chosen option stays in sight, so that nothing chosen is sent unseen.
      option.hidden = !fits && !option.querySelector(":checked");
      if (!option.hidden) shown += 1;
    }
    none.hidden = shown > 0;
    count.textContent = `${shown} of ${options.length} shown`;
  };
  box.addEventListener("input", narrow);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
    if (event.key === "Escape" && box.value) {
      box.value = "";
      narrow();
    }
  });
}
