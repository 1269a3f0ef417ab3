// Takes what is pasted (outside a field) or dropped anywhere on the page and puts it into the add form inside it.
const EDITABLE = "input:not([type=checkbox]), textarea, select, [contenteditable], dialog";
const MOST_FILES = 100, LARGEST = 10 * 1024 * 1024; // what the server takes at once, and of one file

class MagnetDrop extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const on = (name, handler) => document.addEventListener(name, handler, { signal: this.listening.signal });
    on("paste", (event) => event.target.closest?.(EDITABLE) || this.take(event.clipboardData, event));
    on("dragstart", () => { this.own = true; }); // a link of this page on its way elsewhere
    on("dragend", () => { this.own = false; });
    on("dragover", (event) => this.onOver(event));
    on("dragleave", (event) => event.relatedTarget || this.classList.remove("dropping"));
    on("drop", (event) => { this.classList.remove("dropping"); if (!this.own) this.take(event.dataTransfer, event); });
    on("click", (event) => this.onTry(event)); // a button elsewhere with data-try="<magnet>"
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

  take(data, event) {
    const torrents = [...data.files].filter((file) => /\.torrent$/i.test(file.name) && file.size <= LARGEST);
    const others = data.files.length - torrents.length;
    const text = data.files.length ? "" : data.getData("text/plain") || data.getData("text/uri-list");
    if (event.type === "drop" || torrents.length || text.trim()) event.preventDefault();
    if (others) this.say(`${others === 1 ? data.files.length === 1 ? "This" : "One" : others} ${others === 1 ? "is" : "are"} no .torrent file of at most 10 MB and stayed out.`);
    if (torrents.length || text.trim()) this.add(text.trim(), torrents);
  }

  add(text, torrents) {
    const { text: field, files } = this.querySelector("form").elements;
    const all = new DataTransfer(), wanted = [...files.files, ...torrents];
    for (const file of wanted.slice(0, MOST_FILES)) all.items.add(file);
    if (wanted.length > MOST_FILES) this.say(`Up to ${MOST_FILES} files at once; drop the rest afterwards.`);
    files.files = all.files;
    if (text) field.value = [field.value.trimEnd(), text].filter(Boolean).join("\n");
    files.dispatchEvent(new Event("change", { bubbles: true }));
    field.closest("form").scrollIntoView({ block: "nearest" });
  }

  say(text) {
    document.dispatchEvent(new CustomEvent("toast", { detail: { items: [{ text, level: "warning" }] } }));
  }
}

customElements.define("magnet-drop", MagnetDrop);
