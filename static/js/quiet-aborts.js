// A new preview or search aborts the previous request (hx-sync). htmx reports that to the console as an error. Its logger is
// called first, and can remove the error.
const ENDED = ["htmx:afterRequest", "htmx:sendAbort"];
let ended = false;

window.htmx.logger = (element, name, detail) => {
  if (name === "htmx:abort") ended = true;
  if (name === "htmx:beforeRequest") ended = false;
  if (ended && ENDED.includes(name)) delete detail.error;
};
