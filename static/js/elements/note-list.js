// The lines of the bell, in its panel and on its page. A button of a line may be gone after it was pressed: the focus then
// stays with the line, or goes to the whole list.
class NoteList extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.addEventListener("htmx:beforeSwap", () => this.remember(), { signal });
    document.addEventListener("htmx:afterSettle", () => this.restore(), { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  remember() {
    const focused = document.activeElement;
    this.had = this.contains(focused) ? focused.closest(".note")?.id || this.id : "";
  }

  restore() {
    if (!this.had) return;
    const line = document.getElementById(this.had);
    this.had = "";
    if (this.contains(document.activeElement)) return;
    const next = line?.querySelector("a, button") ?? this.querySelector("a, button");
    next?.focus();
  }
}

customElements.define("note-list", NoteList);
