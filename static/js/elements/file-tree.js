// Folders open and close; what is in a folder is asked for when it is opened first (event "open-folder" for htmx).
import { Picks } from "../picks.js";

class FileTree extends HTMLElement {
  connectedCallback() {
    this.picks = new Picks(this);
    this.addEventListener("click", (event) => {
      const toggle = event.target.closest(".folder-toggle");
      if (toggle && !event.ctrlKey && !event.metaKey && !event.shiftKey) this.open(event, toggle);
      if (event.target.matches(".files-check")) this.picks.tick(event.target, event.shiftKey);
    });
    this.addEventListener("keydown", (event) => {
      if (event.key === " " && event.target.matches(".folder-toggle")) this.open(event, event.target);
    });
    this.addEventListener("htmx:afterSettle", () => this.picks.inherit());
    this.addEventListener("formdata", ({ formData }) => { // one field, however many are ticked
      const files = formData.getAll("files");
      if (files.length) formData.set("files", files.join(","));
    });
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
