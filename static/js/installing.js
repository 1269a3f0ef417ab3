// Registers the service worker, which keeps an offline page and static files. What the page itself needs is loaded before.
const register = () => navigator.serviceWorker?.register(document.body.dataset.serviceWorker).catch(() => {});

if (location.protocol === "https:" || location.hostname === "localhost" || location.hostname === "127.0.0.1")
  if (document.readyState === "complete") register();
  else addEventListener("load", register, { once: true });
