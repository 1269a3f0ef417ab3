// "/" leads to the search field, Escape leaves it.
class SearchBox extends HTMLElement {
  connectedCallback() {
    const field = this.querySelector("input[type=search]");
    this.onKey = (event) => {
      if (event.key === "Escape" && event.target === field) field.blur();
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
      event.preventDefault();
      field.select();
      field.focus();
    };
    document.addEventListener("keydown", this.onKey);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
  }
}

customElements.define("search-box", SearchBox);
