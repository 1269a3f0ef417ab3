// Completes the lines of a preview whose name or size is not known yet: asks for each (event "fill", htmx does the
// rest), a few at a time, and adds what it learns to the sum in the foot. A line nobody knows stays as it is.
import { fileSize } from "../sizes.js";

const AT_ONCE = 3;

class FillIn extends HTMLElement {
  connectedCallback() {
    this.waiting = [...this.querySelectorAll("[hx-trigger=fill]")];
    this.rest = Number(this.dataset.total) - this.drawn; // of lines that are counted but not drawn
    this.addEventListener("htmx:afterRequest", ({ detail }) => {
      if (detail.requestConfig?.triggeringEvent?.type === "fill") this.next();
    });
    this.addEventListener("htmx:afterSettle", () => this.sum());
    const start = () => { for (let lane = 0; lane < AT_ONCE; lane += 1) this.next(); };
    document.addEventListener("htmx:load", () => setTimeout(start), { once: true }); // by then htmx knows the lines
  }

  disconnectedCallback() {
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

customElements.define("fill-in", FillIn);
