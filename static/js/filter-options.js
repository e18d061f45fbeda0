// A box above a long list of choices that narrows it by acronym, name or keyword. Without script the whole list stands.
// Case, accents and punctuation do not matter, nor does the order of the words. Choices that fit any case always stay.
const FEWEST = 6;

const plain = (text) =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase();
const SIGNS = /[\p{P}\p{S}]+/gu;
// "Women's" is found by "womens" and by "women s", "Veteran-Owned" by "veteranowned" and by "veteran owned".
const spellings = (text) => [plain(text).replace(SIGNS, ""), plain(text).replace(SIGNS, " ")];
const includesAll = (texts, typed) =>
  typed
    .split(/\s+/)
    .filter(Boolean)
    .every((word) => texts.some((text) => text.includes(word)));

for (const list of document.querySelectorAll("[data-filter-options]")) {
  const options = [...list.querySelectorAll("label")].map((label) => {
    const { keywords = "", always } = label.control.dataset;
    return { row: label.parentElement, always, texts: spellings(`${label.textContent} ${keywords}`) };
  });
  if (options.length < FEWEST) continue;

  const box = document.createElement("input");
  box.type = "search";
  box.className = "options-filter";
  const label = document.createElement("label");
  label.className = "options-label";
  label.append("Search by acronym or name", box);
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  const always = options.flatMap((option) => (option.always ? [`“${option.always}”`] : []));
  const others = always.length ? `the certifier's initials, like WBENC, or choose ${always.join(" or ")}` : "fewer letters";
  const none = `No match. Try ${others}.`;
  list.before(label, status);

  const narrow = () => {
    const typed = spellings(box.value);
    let fitting = 0;
    for (const { row, always, texts } of options) {
      const fits = typed.some((words) => includesAll(texts, words));
      // A chosen option stays in sight, so that nothing chosen is sent unseen.
      row.hidden = !fits && !always && !row.querySelector(":checked");
      if (fits) fitting += 1;
    }
    for (const more of list.querySelectorAll("details")) more.open ||= box.value.trim() !== "";
    status.className = fitting ? "visually-hidden" : "options__none";
    status.textContent = fitting ? `${fitting} of ${options.length} found` : none;
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
