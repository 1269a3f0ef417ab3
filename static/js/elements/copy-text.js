// Copies the text of its field: at once when it arrives with "now", and when its button is pressed. Where the page
// can't use the clipboard (plain http, permission denied) it selects the text instead and says so. Its sentences are in
// data-copied and data-blocked. With data-toast, a toast shows them.
//
// Firefox and Safari let a page write to the clipboard only within seconds of a press, and TorBox may take longer to
// make links. So a control with data-copies promises the clipboard its text at the press, and the answer keeps that.
import { keys } from "../shortcuts.js";
import { toast } from "../toast.js";

let promised = null; // { resolve, reject, written } between a press and its answer

function promise() {
  if (!window.ClipboardItem || !navigator.clipboard?.write) return; // Firefox before 127, plain http
  const text = new Promise((resolve, reject) => { promised = { resolve, reject }; });
  const item = new ClipboardItem({ "text/plain": text.then((words) => new Blob([words], { type: "text/plain" })) });
  promised.written = navigator.clipboard.write([item]);
  promised.written.catch(() => {}); // the code that awaits it handles the error
}

document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
  if (!("copies" in elt.dataset)) return;
  promised?.reject(new Error("pressed again"));
  promise();
});

document.addEventListener("htmx:afterRequest", ({ detail: { elt } }) => {
  if (!("copies" in elt.dataset)) return;
  promised?.reject(new Error("nothing to copy")); // has no effect on a promise that is kept
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
    const written = promised?.written;
    promised?.resolve(this.field.value);
    promised = null;
    setTimeout(() => this.copy(written)); // after a surrounding dialog has opened
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  async copy(written) {
    let text = this.dataset.copied;
    try {
      await (written ?? navigator.clipboard.writeText(this.field.value));
    } catch {
      text = keys(this.dataset.blocked);
      this.field.focus();
      this.field.select();
    }
    if ("toast" in this.dataset) return toast(text);
    const said = this.querySelector("[role=status]");
    if (said) said.textContent = text;
  }
}

customElements.define("copy-text", CopyText);
