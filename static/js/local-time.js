// Moments and days are told in the time zone of whoever reads them. Without script a moment names the zone that it is in.
const DAY = { year: "numeric", month: "short", day: "numeric" };
const SPELLINGS = { moment: { ...DAY, hour: "numeric", minute: "2-digit", timeZoneName: "short" }, day: DAY };
const spelled = {}; // made with the first of its kind: making it takes a phone a tenth of a second, and most pages have none
const tell = (root) => {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const kind = time.dataset.local;
    spelled[kind] ??= new Intl.DateTimeFormat("en-US", SPELLINGS[kind]);
    time.textContent = spelled[kind].format(new Date(time.dateTime));
  }
};

tell(document);
document.addEventListener("htmx:afterSettle", (event) => tell(event.detail.elt.parentElement ?? document));
