import { reveal } from "../reveal.js";

// The row of saved views and tags. With Ctrl or Cmd, a click adds a tag to the chosen ones instead of opening a tab.
// Each link leads somewhere without script as well.
class FilterRow extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    this.addEventListener("click", (event) => {
      const link = event.target.closest("[data-both]");
      if (!link || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      location.assign(link.dataset.both);
    }, { signal: this.listening.signal });
    reveal(this.querySelector(".filters"));
  }

  disconnectedCallback() {
    this.listening.abort();
  }
}

customElements.define("filter-row", FilterRow);
