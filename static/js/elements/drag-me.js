// A bookmarklet is dragged to the bookmarks; a click on it here would only run into the content policy.
class DragMe extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      event.preventDefault();
      this.querySelector("[role=status]").textContent = "Drag it to your bookmarks bar, or bookmark it from its context menu.";
    });
  }
}

customElements.define("drag-me", DragMe);
