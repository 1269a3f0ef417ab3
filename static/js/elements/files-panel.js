// Opens the files of a row in place. Any link in the row with data-opens="<id of this panel>" toggles it. They are loaded
// (data-from) the first time, and whenever a poll says that they changed (data-version). A pressed mouse button, or the focus
// when it rests on such a link, has them loaded already, but not shown. Ctrl-click still opens the page.
const RESTS = 150; // ms; less than that is a focus on its way to another row

class FilesPanel extends HTMLElement {
  static observedAttributes = ["data-version"];

  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.row = this.closest(".row");
    const on = (name, handler) => this.row?.addEventListener(name, (event) => {
      if (event.target.closest?.(`[data-opens="${this.id}"]`)) handler(event);
    }, { signal });
    const plain = (event) => !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.button;
    on("pointerdown", (event) => event.pointerType === "mouse" && plain(event) && this.prepare());
    on("focusin", () => { this.timer = setTimeout(() => this.prepare(), RESTS); });
    on("focusout", () => clearTimeout(this.timer));
    on("click", (event) => {
      if (!plain(event)) return;
      event.preventDefault();
      this.toggle();
    });
    this.addEventListener("htmx:afterSwap", () => this.say(), { signal });
    this.addEventListener("htmx:afterRequest", ({ target }) => {
      if (target === this) this.loaded();
    }, { signal });
    this.say();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.listening.abort();
  }

  attributeChangedCallback(name, before, now) {
    if (before === null || before === now || !this.firstElementChild) return;
    const filter = this.querySelector(".files-filter");
    if (filter?.elements.find.value) filter.requestSubmit();
    else this.load();
  }

  prepare() {
    clearTimeout(this.timer);
    if (this.firstElementChild || this.loading) return;
    this.hidden = true;
    this.load("fill");
  }

  load(name = "open-files") {
    this.loading = name;
    const event = new CustomEvent(name);
    window.htmx.ajax("GET", this.dataset.from, { source: this, target: this, swap: "morph:innerHTML", event });
  }

  // If the files couldn't be loaded in advance, the person who opened them learns it from a request of their own.
  loaded() {
    const early = this.loading === "fill";
    this.loading = "";
    if (early && !this.firstElementChild && !this.hidden) this.load();
  }

  toggle() {
    clearTimeout(this.timer);
    if (this.firstElementChild || this.loading) this.hidden = !this.hidden;
    else {
      this.hidden = false;
      this.load();
    }
    this.say();
  }

  say() {
    const open = Boolean(this.firstElementChild) && !this.hidden;
    for (const opener of this.row?.querySelectorAll("[aria-controls]") ?? []) opener.setAttribute("aria-expanded", open);
  }
}

customElements.define("files-panel", FilesPanel);
