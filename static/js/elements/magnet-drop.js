// Takes what is pasted (outside a field) or dropped anywhere on the page and puts it into the add form inside it.
const EDITABLE = "input, textarea, select, [contenteditable], dialog";

class MagnetDrop extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const on = (name, handler) => document.addEventListener(name, handler, { signal: this.listening.signal });
    on("paste", (event) => event.target.closest?.(EDITABLE) || this.take(event.clipboardData, event));
    on("dragover", (event) => { event.preventDefault(); this.classList.add("dropping"); });
    on("dragleave", (event) => event.relatedTarget || this.classList.remove("dropping"));
    on("drop", (event) => { this.classList.remove("dropping"); this.take(event.dataTransfer, event); });
    on("click", (event) => this.onTry(event)); // a button elsewhere with data-try="<magnet>"
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  onTry(event) {
    const button = event.target.closest?.("[data-try]");
    if (!button) return;
    event.preventDefault();
    this.add(button.dataset.try, []);
  }

  take(data, event) {
    const torrents = [...data.files].filter((file) => file.name.toLowerCase().endsWith(".torrent"));
    const text = data.files.length ? "" : data.getData("text/plain") || data.getData("text/uri-list");
    if (event.type === "drop" || torrents.length || text.trim()) event.preventDefault();
    if (torrents.length || text.trim()) this.add(text.trim(), torrents);
  }

  add(text, torrents) {
    const { text: field, files } = this.querySelector("form").elements;
    const all = new DataTransfer();
    for (const file of [...files.files, ...torrents]) all.items.add(file);
    files.files = all.files;
    if (text) field.value = [field.value.trimEnd(), text].filter(Boolean).join("\n");
    files.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

customElements.define("magnet-drop", MagnetDrop);
