// What htmx leaves silent: no answer, an answer nobody can read, a session that ended meanwhile.
const say = (text) =>
  document.dispatchEvent(new CustomEvent("toast", { detail: { items: [{ text, level: "error" }] } }));
const asked = (event) => !["poll", "fill"].includes(event.detail.requestConfig?.triggeringEvent?.type); // by the person

document.addEventListener("htmx:sendError", (event) => {
  if (asked(event)) say("This server could not be reached. Nothing was changed; try again in a moment.");
});

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (!asked(event) || xhr.getResponseHeader("HX-Trigger")?.includes("toast")) return;
  say(xhr.status >= 500 ? "Something broke on this server. Your torrents are safe; try again in a moment."
    : "The server did not understand that. Reload the page and try again.");
});

// A redirect to the sign-in page is followed unseen; its form is no part of this page.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!new URL(event.detail.xhr.responseURL, location).pathname.startsWith(document.body.dataset.signIn)) return;
  event.detail.shouldSwap = false;
  location.reload();
});
