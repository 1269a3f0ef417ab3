// What finished while nobody looked: counted in the tab's title and on its icon as soon as the page knows, and said
// once on return. Looking away is leaving the tab or the window; a hidden tab itself asks nothing.
const icon = document.querySelector("link[rel=icon]");
const [plainIcon, plainTitle] = [icon?.href, document.title];
const ready = () => new Map([...document.querySelectorAll(".row[data-tone=ready]")].map((row) => [row.id, row.querySelector(".row-title").textContent.trim()]));
let before = null; // what was ready when the person looked away
let back = false; // returned, but the page has not caught up yet

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
  const text = names.length > 2 ? `${names.length} torrents are ready.` : `Ready: ${names.join(", ")}`;
  document.dispatchEvent(new CustomEvent("toast", { detail: { items: [{ text, level: "success" }] } }));
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
    if (back && detail.elt?.id === "list" && detail.xhr.status === 204) before = null; // nothing happened meanwhile
  });
}
