// Puts what is pasted (outside of fields) or dropped anywhere on the page into the add form inside it.
import { toast } from "../toast.js";

const EDITABLE = "input:not([type=checkbox]), textarea, select, [contenteditable], dialog";
const MOST_FILES = 100, LARGEST = 10 * 1024 * 1024; // what the server takes at once, and the size of a file in bytes

class MagnetDrop extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    const on = (name, handler) => document.addEventListener(name, handler, { signal });
    on("paste", (event) => event.target.closest?.(EDITABLE) || this.take(event.clipboardData, event));
    on("dragstart", () => { this.own = true; }); // a link of this page is being dragged
    on("dragend", () => { this.own = false; });
    on("dragover", (event) => this.onOver(event));
    on("dragleave", (event) => event.relatedTarget || this.classList.remove("dropping"));
    on("drop", (event) => { this.classList.remove("dropping"); if (!this.own) this.take(event.dataTransfer, event); });
    this.addEventListener("change", (event) => this.onChoose(event), { capture: true, signal });
    on("click", (event) => this.onTry(event)); // a button with data-try="<magnet>" anywhere on the page
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  onOver(event) {
    if (this.own) return;
    event.preventDefault();
    this.classList.add("dropping");
  }

  onTry(event) {
    const button = event.target.closest?.("[data-try]");
    if (!button) return;
    event.preventDefault();
    this.add(button.dataset.try, []);
  }

  onChoose({ target }) { // before the preview sends them; the server checks their type
    if (target.name !== "files") return;
    const small = [...target.files].filter((file) => file.size <= LARGEST), large = target.files.length - small.length;
    if (!large && small.length <= MOST_FILES) return;
    if (large) this.say(this.dataset.tooLarge);
    this.put(target, small);
  }

  put(field, files) {
    const some = new DataTransfer();
    for (const file of files.slice(0, MOST_FILES)) some.items.add(file);
    if (files.length > MOST_FILES) this.say(this.dataset.tooMany);
    field.files = some.files;
  }

  take(data, event) {
    const torrents = [...data.files].filter((file) => /\.torrent$/i.test(file.name) && file.size <= LARGEST);
    const others = data.files.length - torrents.length;
    const text = data.files.length ? "" : data.getData("text/plain") || data.getData("text/uri-list");
    if (event.type === "drop" || torrents.length || text.trim()) event.preventDefault();
    if (others) this.say(this.dataset.others);
    if (torrents.length || text.trim()) this.add(text.trim(), torrents);
  }

  add(text, torrents) {
    const { text: field, files } = this.querySelector("form").elements;
    this.put(files, [...files.files, ...torrents]);
    if (text) field.value = [field.value.trimEnd(), text].filter(Boolean).join("\n");
    files.dispatchEvent(new Event("change", { bubbles: true }));
    field.closest("form").scrollIntoView({ block: "nearest" });
  }

  say(text) {
    toast(text, "warning");
  }
}

customElements.define("magnet-drop", MagnetDrop);
