// Opens and closes folders. Their files are loaded when they are first opened (event "open-folder" for htmx).
import { FileSelection } from "../file-selection.js";

class FileTree extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.selection = new FileSelection(this);
    this.addEventListener("click", (event) => {
      const toggle = event.target.closest(".folder-toggle");
      if (toggle && !event.ctrlKey && !event.metaKey && !event.shiftKey) this.open(event, toggle);
      if (event.target.matches(".files-check")) this.selection.tick(event.target, event.shiftKey);
    }, { signal });
    this.addEventListener("keydown", (event) => {
      if (event.key === " " && event.target.matches(".folder-toggle")) this.open(event, event.target);
    }, { signal });
    this.addEventListener("htmx:afterSettle", () => this.selection.inherit(), { signal });
    this.addEventListener("formdata", ({ formData }) => { // one field, however many are ticked
      const files = formData.getAll("files");
      if (files.length) formData.set("files", files.join(","));
    }, { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  open(event, toggle) {
    event.preventDefault();
    const list = toggle.closest(".branch").querySelector(".branch-files");
    list.hidden = !list.hidden;
    toggle.setAttribute("aria-expanded", !list.hidden);
    if (!list.hidden && !list.firstElementChild) list.dispatchEvent(new CustomEvent("open-folder"));
  }
}

customElements.define("file-tree", FileTree);
