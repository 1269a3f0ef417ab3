// Keeps the static files and one page to show when the server cannot be reached. It never keeps data of people.
const OURS = "torbox-web {% url 'torrents:list' %} "; // other apps of this host have caches too
const CACHE = `${OURS}{{ version }} {{ language }}`, OFFLINE = "{% url 'offline' %}", STATIC = "{{ static_url }}";
const HASHED = /\.[0-9a-f]{12}\.\w+$/; // a name that never means another content

addEventListener("install", (event) => event.waitUntil(prepare()));
addEventListener("activate", (event) => event.waitUntil(tidy()));
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
