// A question on top of the page: opens as soon as it arrives in #dialog, leaves on Escape, on [data-close],
// on a click beside it, or when its form was accepted; then the focus goes back to where it was.
// The control that asked for the dialog; by the time the answer is here, htmx may have disabled it and so blurred it.
let asker = null;
document.addEventListener("htmx:beforeRequest", (event) => { asker = event.detail.elt; });

class ModalDialog extends HTMLElement {
  connectedCallback() {
    const dialog = this.querySelector("dialog");
    this.before = asker?.closest("menu-button")?.querySelector("summary") ?? asker;
    dialog.removeAttribute("open");
    dialog.showModal();
    dialog.addEventListener("close", () => this.leave());
    this.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-close]")) {
        event.preventDefault();
        dialog.close();
      }
    });
    this.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.successful && event.target.matches("form")) dialog.close();
    });
  }

  leave() {
    this.remove();
    if (this.before?.isConnected) this.before.focus();
  }
}

customElements.define("modal-dialog", ModalDialog);
