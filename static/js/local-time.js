// Moments are told in the time zone of whoever reads them. Without script each names the zone that it is in.
const spelled = new Intl.DateTimeFormat("en-US", {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "numeric",
  minute: "2-digit",
  timeZoneName: "short",
});
const tell = (root) => {
  for (const time of root.querySelectorAll("time[data-local]")) time.textContent = spelled.format(new Date(time.dateTime));
};

tell(document);
document.addEventListener("htmx:afterSettle", (event) => tell(event.detail.elt.parentElement ?? document));
