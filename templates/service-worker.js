{% load i18n static %}
// Keeps the static files and one page to show when the server cannot be reached. It never keeps data of people.
// Shows the messages that arrive by push (notifications/push/payload.py).
const OURS = "torbox-web {% url 'torrents:list' %} "; // other apps of this host have caches too
const CACHE = `${OURS}{{ version }} {{ language }}`, OFFLINE = "{% url 'offline' %}", STATIC = "{{ static_url }}";
const HASHED = /\.[0-9a-f]{12}\.\w+$/; // a name that never means another content
{% translate "Something happened to your torrents." as unreadable %}
const TITLE = "TorBox Web", BODY = "{{ unreadable|escapejs }}"; // of a message that can't be read
const ICON = "{% static 'img/icon-192.png' %}", BADGE = "{% static 'img/badge-96.png' %}";

addEventListener("install", (event) => event.waitUntil(prepare()));
addEventListener("activate", (event) => event.waitUntil(tidy()));
addEventListener("push", (event) => event.waitUntil(show(contentOf(event.data))));
addEventListener("notificationclick", (event) => event.waitUntil(clicked(event)));
addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith(STATIC) && HASHED.test(pathname)) event.respondWith(kept(request));
  else if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
});

async function prepare() {
  const cache = await caches.open(CACHE);
  const headers = { "Accept-Language": "{{ language }}" };
  const page = await fetch(OFFLINE, { credentials: "omit", cache: "no-store", headers });
  await cache.put(OFFLINE, page.clone());
  const needs = [...(await page.text()).matchAll(/(?:href|src)="([^"#]+)["#]/g)].map(([, address]) => address);
  await cache.addAll(needs.filter((address) => address.startsWith(STATIC)));
  await skipWaiting();
}

async function tidy() {
  for (const name of await caches.keys()) if (name.startsWith(OURS) && name !== CACHE) await caches.delete(name);
}

async function kept(request) {
  const cache = await caches.open(CACHE);
  const found = await cache.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

function contentOf(data) {
  try {
    return data.json() ?? {};
  } catch {
    return {}; // browsers demand that every message is shown
  }
}

async function show(content) {
  const { title, body, tag, language, url, download } = content;
  const data = { url: ours(url), download: download ? ours(download) : "" };
  const actions = download ? [{ action: "download", title: String(content.download_title) }] : [];
  const text = title ? { body: String(body ?? "") } : { body: BODY };
  const about = { lang: String(language ?? ""), tag: String(tag ?? ""), icon: ICON, badge: BADGE };
  await registration.showNotification(title ? String(title) : TITLE, { ...text, ...about, data, actions });
  for (const page of await pages()) page.postMessage({ type: "notification" });
}

async function clicked({ notification, action }) {
  const { url, download } = notification.data ?? {};
  notification.close();
  if (action === "download") await clients.openWindow(ours(download));
  else await open(ours(url));
}

async function open(address) {
  const opened = await pages();
  const first = (fits) => opened.find(fits);
  const page = first(({ url }) => url === address) ?? first(({ visibilityState: at }) => at === "visible") ?? opened[0];
  try {
    await page.focus(); // while this worker may: a slow answer to the page takes that right away
    if (page.url !== address) await page.navigate(address);
  } catch {
    await clients.openWindow(address); // there is none, it has just closed, or it was loaded before this worker
  }
}

async function pages() {
  const opened = await clients.matchAll({ type: "window", includeUncontrolled: true });
  return opened.filter((page) => page.url.startsWith(registration.scope)); // other apps may share this origin
}

/** The address within this app, or its first page for any other address. */
function ours(address) {
  const start = registration.scope;
  try {
    const { href } = new URL(address ?? "", start);
    return href.startsWith(start) ? href : start;
  } catch {
    return start;
  }
}
