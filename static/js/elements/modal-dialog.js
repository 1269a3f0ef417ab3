// A dialog: opens when it is put into #dialog. It closes on Escape, on [data-close], on a click outside, and when its form
// was accepted. Then the focus returns to where it was.

// The control that requested the dialog. When the response arrives, htmx may have disabled it, which removes the focus.
let asker = null;
document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
  if (elt.matches("a, button") && !elt.closest("#dialog")) asker = elt; // not a poll, and not a dialog that leads to another
});

class ModalDialog extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    const dialog = this.querySelector("dialog");
    const active = document.activeElement;
    const opener = active && active !== document.body ? active : asker;
    this.before = opener?.closest("menu-button, row-menu")?.opener ?? opener;
    dialog.removeAttribute("open");
    dialog.showModal();
    dialog.addEventListener("close", () => this.leave(), { signal });
    this.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-close]")) {
        event.preventDefault();
        dialog.close();
      }
    }, { signal });
    this.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.successful && event.target.matches("form:not([data-stays])")) dialog.close();
    }, { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  leave() {
    this.remove();
    asker = null;
    if (this.before?.isConnected) this.before.focus();
  }
}

customElements.define("modal-dialog", ModalDialog);
