// Tells the administration in which time zone the reader's clock runs, so that the next page states times by it.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const isSecure = location.protocol === "https:";
const stated = `${isSecure ? "__Host-" : ""}time_zone=${zone}`;
if (zone && !document.cookie.split("; ").includes(stated)) {
  document.cookie = `${stated}; path=/; max-age=31536000; samesite=lax${isSecure ? "; secure" : ""}`;
}
