// Offers to open magnet links of this browser here. browser-can hides all of it where that isn't supported.
class MagnetHandler extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    const button = this.querySelector("button"), said = this.querySelector("[role=status]");
    if (!navigator.registerProtocolHandler) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      navigator.registerProtocolHandler("magnet", this.dataset.address);
      said.textContent = this.dataset.asking;
    }, { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }
}

customElements.define("magnet-handler", MagnetHandler);
