// Registers the service worker, which keeps an offline page and static files.
if (location.protocol === "https:" || location.hostname === "localhost" || location.hostname === "127.0.0.1")
  navigator.serviceWorker?.register(document.body.dataset.serviceWorker).catch(() => {});
