// "/" focuses the search field, Escape leaves it.
class SearchBox extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    const field = this.querySelector("input[type=search]");
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && event.target === field) field.blur();
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
      event.preventDefault();
      field.select();
      field.focus();
    }, { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }
}

customElements.define("search-box", SearchBox);
