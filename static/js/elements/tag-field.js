// Completes each of several tags in one field, separated by commas. A browser completes only the whole value of a field, so
// what is already typed is put before every suggestion.
class TagField extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    this.addEventListener("input", () => this.offer(), { signal: this.listening.signal });
    this.addEventListener("focusin", () => this.offer(), { signal: this.listening.signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  offer() {
    const { value } = this.querySelector("input");
    const typed = value.slice(0, value.lastIndexOf(",") + 1);
    const before = typed && `${typed} `, chosen = typed.split(",").map((tag) => tag.trim());
    for (const option of this.querySelectorAll("option")) {
      option.dataset.tag ??= option.value;
      option.value = before + option.dataset.tag;
      option.disabled = chosen.includes(option.dataset.tag);
    }
  }
}

customElements.define("tag-field", TagField);
