// A menu in a <details>, which opens without script as well.
import { Menu } from "../menu.js";

class MenuButton extends Menu {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.listen(signal);
    this.details.addEventListener("toggle", () => this.place(), { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  get details() {
    return this.querySelector("details");
  }

  get opener() {
    return this.querySelector("summary");
  }

  get isOpen() {
    return this.details.open;
  }

  set isOpen(open) {
    this.details.open = open;
  }
}

customElements.define("menu-button", MenuButton);
