// Handles errors that htmx ignores: no response, an error status, a session that has ended.
import { words } from "./script-words.js";
import { toast } from "./toast.js";

const say = (text) => toast(text, "error");
const asked = (event) => !["poll", "fill"].includes(event.detail.requestConfig?.triggeringEvent?.type); // by a person, not by a timer

document.addEventListener("htmx:sendError", (event) => {
  if (asked(event)) say(words.unreachable);
});

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (!asked(event) || xhr.getResponseHeader("HX-Trigger")?.includes("toast")) return;
  if (xhr.status === 503 && xhr.getResponseHeader("Content-Type")?.startsWith("text/plain")) return say(xhr.responseText.slice(0, 300));
  say(xhr.status >= 500 ? words.broken : words.rejected);
});

// A redirect to the sign-in page is followed automatically, but its form isn't part of this page.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!new URL(event.detail.xhr.responseURL, location).pathname.startsWith(document.body.dataset.signIn)) return;
  event.detail.shouldSwap = false;
  location.reload();
});
