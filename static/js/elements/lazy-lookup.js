// Completes rows of a preview that have no name or size yet: requests each (event "fill" for htmx), a few at a time, and
// adds their sizes to the total. Rows that aren't found stay as they are.
import { fileSize } from "../format-bytes.js";

const AT_ONCE = 3;

class LazyLookup extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.waiting = [...this.querySelectorAll("[hx-trigger=fill]")];
    this.rest = Number(this.dataset.total) - this.drawn; // of rows that are counted but not shown
    this.addEventListener("htmx:afterRequest", ({ detail }) => {
      if (detail.requestConfig?.triggeringEvent?.type === "fill") this.next();
    }, { signal });
    this.addEventListener("htmx:afterSettle", () => this.sum(), { signal });
    const start = () => { for (let lane = 0; lane < AT_ONCE; lane += 1) this.next(); };
    document.addEventListener("htmx:load", () => setTimeout(start), { once: true, signal }); // by then htmx knows the rows
  }

  disconnectedCallback() {
    this.listening.abort();
    this.waiting = [];
  }

  next() {
    this.waiting.shift()?.dispatchEvent(new CustomEvent("fill"));
  }

  get drawn() {
    const onlyCached = document.querySelector("[name=only_if_cached]")?.checked;
    const size = (row) => (row.dataset.kind !== "new" || (onlyCached && row.dataset.chip !== "ready") ? 0 : Number(row.dataset.size));
    return [...this.querySelectorAll(".preview-row")].reduce((sum, row) => sum + size(row), 0);
  }

  sum() {
    const bytes = this.rest + this.drawn;
    const said = document.getElementById("preview-size");
    if (said) said.textContent = bytes ? ` · ${fileSize(bytes)}` : "";
  }
}

customElements.define("lazy-lookup", LazyLookup);
