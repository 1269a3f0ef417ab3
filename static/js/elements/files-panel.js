// Opens the files of a row in place. Any link in the row with data-opens="<id of this panel>" toggles it. The first time,
// and whenever a poll says that the files changed (data-version), it has htmx load them (event "open-files").
// Ctrl-click still opens the page.
class FilesPanel extends HTMLElement {
  static observedAttributes = ["data-version"];

  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.row = this.closest(".row");
    this.row?.addEventListener("click", (event) => {
      const opener = event.target.closest?.(`[data-opens="${this.id}"]`);
      if (!opener || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      this.toggle();
    }, { signal });
    this.addEventListener("htmx:afterSwap", () => this.say(), { signal });
    this.say();
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  attributeChangedCallback(name, before, now) {
    if (before === null || before === now || !this.firstElementChild) return;
    const filter = this.querySelector(".files-filter");
    if (filter?.elements.find.value) filter.requestSubmit();
    else this.dispatchEvent(new CustomEvent("open-files"));
  }

  toggle() {
    if (this.firstElementChild) this.hidden = !this.hidden;
    else this.dispatchEvent(new CustomEvent("open-files"));
    this.say();
  }

  say() {
    const open = Boolean(this.firstElementChild) && !this.hidden;
    for (const opener of this.row?.querySelectorAll("[aria-controls]") ?? []) opener.setAttribute("aria-expanded", open);
  }
}

customElements.define("files-panel", FilesPanel);
