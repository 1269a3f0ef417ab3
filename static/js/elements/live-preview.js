// Shows what the add form would add, 300 ms after the last key or at once after a file, by htmx (event "preview").
// The response doesn't touch the text. After Cancel or a successful add the form is reset.
const TYPING = 300;

class LivePreview extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.form = this.querySelector("form");
    this.shown = this.querySelector("#preview");
    const { text } = this.form.elements;
    text.addEventListener("input", () => this.plan(TYPING), { signal });
    this.addEventListener("change", ({ target }) => {
      if (["files", "only_if_cached", "account"].includes(target.name)) this.plan(0);
    }, { signal });
    this.addEventListener("click", (event) => this.onButton(event, text), { signal });
    // On Back, the text is still there.
    const restore = () => this.isEmpty || this.shown.firstElementChild || this.plan(0);
    window.addEventListener("pageshow", restore, { signal });
    this.addEventListener("htmx:afterRequest", ({ detail, target }) => {
      if (target === this.form) this.removeAttribute("busy");
      // The response replaces the button, so the event may come from its parent.
      if (detail.requestConfig?.elt.id === "preview-submit" && detail.successful) this.clear(text);
    }, { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  get isEmpty() {
    const { text, files } = this.form.elements;
    return !text.value.trim() && !files.files.length && !this.form.querySelector("[name=kept]");
  }

  onButton(event, text) {
    const button = event.target.closest("[data-preview], [data-cancel]");
    if (!button || (this.hasAttribute("page") && "cancel" in button.dataset)) return; // on a page of its own, Cancel is a link
    event.preventDefault();
    if ("cancel" in button.dataset) this.clear(text);
    else this.plan(0);
    text.focus();
  }

  plan(wait) {
    clearTimeout(this.timer);
    this.toggleAttribute("busy", !this.isEmpty); // shown at once, however long TorBox takes
    this.timer = setTimeout(() => {
      if (this.isEmpty) this.shown.replaceChildren();
      else this.form.dispatchEvent(new CustomEvent("preview"));
    }, wait);
  }

  clear(text) {
    clearTimeout(this.timer);
    window.htmx.trigger(this.form, "htmx:abort");
    this.removeAttribute("busy");
    text.defaultValue = "";
    this.form.reset();
    this.shown.replaceChildren();
  }
}

customElements.define("live-preview", LivePreview);
