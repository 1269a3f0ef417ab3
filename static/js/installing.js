// The service worker: an offline page, and static files that need not be asked for again.
if (location.protocol === "https:" || location.hostname === "localhost" || location.hostname === "127.0.0.1")
  navigator.serviceWorker?.register(document.body.dataset.serviceWorker).catch(() => {});
