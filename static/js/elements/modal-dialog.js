// A dialog: opens when it is put into #dialog. It closes on Escape, on [data-close], on a click outside, and when its form
// was accepted. Then the focus returns to where it was. A form that saves each change as it is made ([data-autosave]) is
// waited for: the dialog closes once the last change is saved, or stays open if it isn't.

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
        if (!this.saving()) dialog.close();
        else this.closing = true;
      }
    }, { signal });
    dialog.addEventListener("cancel", (event) => {
      if (!this.saving()) return;
      event.preventDefault();
      this.closing = true;
    }, { signal });
    this.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.successful && event.target.matches("form:not([data-stays])")) dialog.close();
      else if (this.closing) setTimeout(() => this.closeWhenSaved(event.detail.xhr.status === 200)); // htmx sends the next one now
    }, { signal });
  }

  saving() {
    return this.querySelector("form[data-autosave].htmx-request") !== null;
  }

  closeWhenSaved(saved) {
    if (this.saving()) return;
    this.closing = false;
    if (saved) this.querySelector("dialog")?.close();
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
