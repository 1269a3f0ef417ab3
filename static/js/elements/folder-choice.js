// Says what happens at TorBox after saving to the folder that is chosen. Without script, each folder says so itself.
class FolderChoice extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    this.addEventListener("change", ({ target }) => {
      if ("after" in target.dataset) this.querySelector(".folder-after").textContent = target.dataset.after;
    }, { signal: this.listening.signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }
}

customElements.define("folder-choice", FolderChoice);
