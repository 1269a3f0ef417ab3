// Offers to make this site what opens magnet links in this browser, where the browser lets a site ask.
class MagnetHandler extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button"), said = this.querySelector("[role=status]");
    if (!navigator.registerProtocolHandler || !isSecureContext) {
      said.textContent = "This browser does not let a site open magnet links, or only over https.";
      return;
    }
    button.hidden = false;
    button.addEventListener("click", () => {
      navigator.registerProtocolHandler("magnet", this.dataset.address);
      said.textContent = "Your browser asks you now; allow it there.";
    });
  }
}

customElements.define("magnet-handler", MagnetHandler);
