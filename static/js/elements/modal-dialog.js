// A question on top of the page: opens as soon as it arrives in #dialog, leaves on Escape, on [data-close],
// on a click beside it, or when its form was accepted; then the focus goes back to where it was.
// The control that asked for the dialog; by the time the answer is here, htmx may have disabled it and so blurred it.
let asker = null;
document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
  if (elt.matches("a, button") && !elt.closest("#dialog")) asker = elt; // a poll asks too, and one dialog may lead to the next
});

class ModalDialog extends HTMLElement {
  connectedCallback() {
    const dialog = this.querySelector("dialog");
    const active = document.activeElement;
    const opener = active && active !== document.body ? active : asker;
    this.before = opener?.closest("menu-button")?.querySelector("summary") ?? opener;
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
    asker = null;
    if (this.before?.isConnected) this.before.focus();
  }
}

customElements.define("modal-dialog", ModalDialog);
