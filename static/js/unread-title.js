// Counts torrents that finished while the person was away, in the tab's title and on its icon, and names them in a toast on
// return. Away means that the tab or window has lost the focus. A hidden tab doesn't poll.
import { LANGUAGE } from "./language.js";
import { fill, words } from "./script-words.js";
import { toast } from "./toast.js";

const icon = document.querySelector("link[rel=icon]");
const [plainIcon, plainTitle] = [icon?.href, document.title];
const ready = () => new Map([...document.querySelectorAll(".row[data-tone=ready]")].map((row) => [row.id, row.querySelector(".row-title").textContent.trim()]));
let before = null; // the torrents that were ready when the person left
let back = false; // the person is back, but the page hasn't been updated yet

const news = () => [...ready()].filter(([id]) => !before.has(id)).map(([, name]) => name);

function draw(count) {
  document.title = count ? `(${count}) ${plainTitle}` : plainTitle;
  if (icon) icon.href = count ? icon.dataset.badge : plainIcon;
  if (count) navigator.setAppBadge?.(count).catch(() => {});
  else navigator.clearAppBadge?.().catch(() => {});
}

function leave() {
  before ??= ready();
  back = false;
}

function say(names) {
  const several = names.length > 2;
  const isolated = names.map((name) => `\u2068${name}\u2069`); // as <bdi> does, in plain text
  const what = several ? names.length.toLocaleString(LANGUAGE) : new Intl.ListFormat(LANGUAGE).format(isolated);
  toast(fill(several ? words.readyCount : words.ready, what), "success");
}

function caughtUp() {
  if (!before) return;
  const names = news();
  if (!back) { draw(names.length); return; }
  if (names.length) say(names);
  before = null;
  draw(0);
}

if (document.getElementById("list")) {
  window.addEventListener("blur", leave);
  window.addEventListener("focus", () => { back = true; if (before && news().length) caughtUp(); else draw(0); });
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : (back = true)));
  document.addEventListener("htmx:afterSettle", ({ target }) => target.id === "list" && caughtUp());
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (back && detail.elt?.id === "list" && detail.xhr.status === 204) before = null; // nothing has changed
  });
}
