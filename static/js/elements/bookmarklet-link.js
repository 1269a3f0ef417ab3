// A bookmarklet is dragged to the bookmarks bar. A click on it here would violate the content security policy.
class BookmarkletLink extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.addEventListener("click", (event) => {
      event.preventDefault();
      this.querySelector("[role=status]").textContent = this.dataset.hint;
    }, { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }
}

customElements.define("bookmarklet-link", BookmarkletLink);
