// Lets the browser show the page before htmx looks at each of its elements, which it does when the document is ready.
// A tab in the background shows nothing, so a timer ends the wait as well.
const LONGEST = 1000;
const shown = new Promise((done) => {
  requestAnimationFrame(() => setTimeout(done));
  setTimeout(done, document.hidden ? 0 : LONGEST);
});

addEventListener("DOMContentLoaded", (event) => {
  if (!event.isTrusted) return;
  event.stopImmediatePropagation();
  shown.then(() => document.dispatchEvent(new Event("DOMContentLoaded", { bubbles: true })));
}, { capture: true });
