// Moments are told in the time zone of whoever reads them. Without script each names the zone that it is in.
const SPELLING = {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "numeric",
  minute: "2-digit",
  timeZoneName: "short",
};
let spelled; // made with the first moment: making it takes a phone a tenth of a second, and most pages have none
const tell = (root) => {
  for (const time of root.querySelectorAll("time[data-local]")) {
    spelled ??= new Intl.DateTimeFormat("en-US", SPELLING);
    time.textContent = spelled.format(new Date(time.dateTime));
  }
};

tell(document);
document.addEventListener("htmx:afterSettle", (event) => tell(event.detail.elt.parentElement ?? document));
