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
    this.reveal();
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  // What is chosen may be out of sight where the row scrolls sideways.
  reveal() {
    const row = this.querySelector(".filters"), chosen = row?.querySelector("[aria-current]");
    if (!chosen) return;
    const space = row.getBoundingClientRect(), it = chosen.getBoundingClientRect();
    if (it.right > space.right) row.scrollLeft += it.right - space.right;
    else if (it.left < space.left) row.scrollLeft += it.left - space.left;
  }
}

customElements.define("filter-row", FilterRow);
