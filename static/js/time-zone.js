// Tells the server the browser's time zone, so that pages show local times; a time zone chosen in Settings wins.
const { timeZone, timeZoneCookie, cookiePath } = document.documentElement.dataset;
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (timeZoneCookie && own && own !== timeZone) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${timeZoneCookie}=${own}; Path=${cookiePath}; Max-Age=31536000; SameSite=Lax${secure}`;
}
