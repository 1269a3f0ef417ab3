// Folders collapse: a folder's button hides what lies deeper than it, up to the next line that does not.
class FileTree extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const toggle = event.target.closest(".folder-toggle");
      if (!toggle) return;
      toggle.setAttribute("aria-expanded", toggle.getAttribute("aria-expanded") !== "true");
      this.draw();
    });
  }

  draw() {
    let closedAt = Infinity;
    for (const line of this.querySelectorAll("[data-depth]")) {
      const depth = Number(line.dataset.depth);
      if (depth <= closedAt) closedAt = Infinity;
      line.hidden = depth > closedAt;
      const toggle = line.querySelector(".folder-toggle");
      if (!line.hidden && toggle?.getAttribute("aria-expanded") === "false") closedAt = depth;
    }
  }
}

customElements.define("file-tree", FileTree);
