// Tells the administration in which time zone the reader's clock runs, so that the next page states times by it.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.split("; ").includes(`time_zone=${zone}`)) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `time_zone=${zone}; path=/admin/; max-age=31536000; samesite=lax${secure}`;
}
