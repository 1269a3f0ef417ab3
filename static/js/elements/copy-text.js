// Copies the text of its field: at once when it arrives with "now", and when its button is pressed. Where the page
// can't copy (permission denied, or pressed too long ago) it selects the text instead and says so. Its sentences are in
// data-copied and data-blocked. With data-toast, a toast shows them.
//
// Firefox and Safari let a page write to the clipboard only within seconds of a press, and TorBox may take longer to
// make links. So a control with data-copies promises the clipboard its text at the press, and the answer keeps that.
import { keys } from "../shortcuts.js";
import { toast } from "../toast.js";

let promised = null; // { request, resolve, reject, written } between a press and its answer
let answered = null; // the request whose answer is being put into the page

function promise(request) {
  if (!window.ClipboardItem || !navigator.clipboard?.write) return; // Firefox before 127, plain http
  const text = new Promise((resolve, reject) => { promised = { request, resolve, reject }; });
  const blob = text.then((words) => new Blob([words], { type: "text/plain" }));
  promised.written = navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
  for (const one of [blob, promised.written]) one.catch(() => {}); // copy() handles the error of the second
}

document.addEventListener("htmx:beforeRequest", ({ detail: { elt, xhr } }) => {
  if (!("copies" in elt.dataset)) return;
  promised?.reject(new Error("another was pressed"));
  promise(xhr);
});

document.addEventListener("htmx:beforeSwap", ({ detail: { xhr } }) => { answered = xhr; });

document.addEventListener("htmx:afterRequest", ({ detail: { xhr } }) => {
  if (!promised || promised.request !== xhr) return;
  promised.reject(new Error("nothing to copy")); // has no effect on a promise that is kept
  promised = null;
});

class CopyText extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.field = this.querySelector("textarea, input");
    this.button = this.querySelector("button");
    this.button?.addEventListener("click", () => this.copy(), { signal });
    if (!this.hasAttribute("now")) return;
    const mine = promised?.request === answered ? promised : null;
    mine?.resolve(this.field.value);
    setTimeout(() => this.copy(mine?.written)); // after a surrounding dialog has opened
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  async copy(written) {
    let text = this.dataset.copied;
    try {
      await (written ?? navigator.clipboard.writeText(this.field.value));
    } catch {
      this.field.focus();
      this.field.select();
      // Deprecated, but the only way over plain http. It works within seconds of a press.
      if (!document.execCommand("copy")) text = keys(this.dataset.blocked);
    }
    if ("toast" in this.dataset) return toast(text);
    const said = this.querySelector("[role=status]");
    if (said) said.textContent = text;
  }
}

customElements.define("copy-text", CopyText);
