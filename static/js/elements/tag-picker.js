// The tags of the selected torrents, above the selection bar. A box applies its tag at once. The field filters the tags, and
// creates those that don't exist yet. It acts on the torrents that were selected when it opened, so it closes when others are.
import { fill } from "../script-words.js";

const COMMAS = /[,،，]/; // as on the server
const SELECTING = "[name=ids], [name=matching], [data-select-all]";
const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const folded = (text) => text.trim().toLocaleLowerCase();

class TagPicker extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.opener = document.getElementById("tag-selected");
    this.opener.setAttribute("aria-expanded", "true");
    this.field = this.querySelector("input:not([type=checkbox])");
    this.creator = this.querySelector("[data-create]");
    this.sent = Promise.resolve();
    for (const box of this.querySelectorAll("[data-some]")) box.indeterminate = true;
    this.field.addEventListener("input", () => this.filter(), { signal });
    this.creator.addEventListener("click", () => this.choose(), { signal });
    this.addEventListener("keydown", (event) => this.onKey(event), { signal });
    this.addEventListener("change", ({ target }) => target.dataset.tag && this.apply([target], target.checked), { signal });
    // Before the button that opens it, and before what else Escape does.
    document.addEventListener("click", (event) => this.onClickOutside(event), { signal, capture: true });
    document.addEventListener("keydown", (event) => this.onEscape(event), { signal, capture: true });
    document.addEventListener("change", ({ target }) => target.matches(SELECTING) && this.close(), { signal });
    document.addEventListener("reset", () => this.close(), { signal });
    document.addEventListener("htmx:afterRequest", ({ detail }) => {
      if (detail.pathInfo?.requestPath === this.dataset.url) this.done = detail.successful;
    }, { signal });
    // One message undoes all that is changed here.
    this.batches = [];
    document.addEventListener("toast", ({ detail }) => {
      const undo = new URLSearchParams(detail.items?.at(-1)?.undo?.split("?")[1]);
      if (undo.has("batch")) this.batches = undo.getAll("batch");
    }, { signal });
    // On a phone the field would open the keyboard, which hides the list.
    (matchMedia("(pointer: coarse)").matches && this.boxes[0] || this.field).focus();
  }

  disconnectedCallback() {
    this.listening.abort();
    this.opener.setAttribute("aria-expanded", "false");
  }

  get boxes() {
    return [...this.querySelectorAll("[data-tag]")];
  }

  get shown() {
    return this.boxes.filter((box) => !box.parentElement.hidden);
  }

  close() {
    const within = this.contains(document.activeElement);
    this.remove();
    if (within) this.opener.focus();
  }

  onClickOutside(event) {
    if (this.contains(event.target)) return;
    if (this.opener.contains(event.target)) {
      event.preventDefault();
      event.stopPropagation();
    }
    this.close();
  }

  onEscape(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    this.close();
  }

  onKey(event) {
    event.stopPropagation(); // letters aren't shortcuts here
    const step = STEPS[event.key];
    if (event.key === "Enter") {
      event.preventDefault(); // it would send the form of the bar
      if (event.target === this.field || event.target === this.creator) this.choose();
      else event.target.click();
    } else if (step) {
      event.preventDefault();
      this.walk(step);
    }
  }

  walk(step) {
    const stops = [this.field, ...this.shown, ...(this.creator.hidden ? [] : [this.creator])];
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  }

  filter() {
    const typed = folded(this.field.value);
    for (const box of this.boxes) box.parentElement.hidden = !folded(box.dataset.tag).includes(typed);
    this.creator.hidden = !typed || Boolean(this.known(typed));
    this.creator.querySelector("bdi").textContent = fill(this.creator.dataset.create, this.field.value.trim());
  }

  known(typed) {
    return this.boxes.find((box) => folded(box.dataset.tag) === typed);
  }

  // Gives the torrents the tags that are typed.
  choose() {
    const known = this.known(folded(this.field.value)); // its name may have a comma
    const names = this.field.value.split(COMMAS).map((name) => name.trim()).filter(Boolean);
    const boxes = known ? [known] : names.map((name) => this.known(folded(name)) ?? this.added(name));
    const missing = boxes.filter((box) => !box.checked);
    for (const box of missing) box.checked = true;
    if (missing.length) this.apply(missing, true);
    this.field.value = "";
    this.filter();
    this.field.focus();
  }

  added(name) {
    const row = document.createElement("label"), box = document.createElement("input"), text = document.createElement("bdi");
    Object.assign(box, { type: "checkbox", className: "check" });
    box.dataset.tag = name;
    text.textContent = name;
    row.append(box, text);
    this.querySelector(".picker-tags").prepend(row);
    return box;
  }

  // One after the other, so that the last click on a box is what counts.
  apply(boxes, on) {
    for (const box of boxes) box.indeterminate = false;
    const values = { ids: this.dataset.ids, [on ? "tags" : "had"]: boxes.map((box) => box.dataset.tag) };
    this.sent = this.sent.then(() => this.send({ ...values, earlier: this.batches })).then((done) => {
      if (!done) for (const box of boxes) box.checked = !on;
    });
  }

  async send(values) {
    this.done = false;
    await window.htmx.ajax("POST", this.dataset.url, { source: document.body, target: document.body, swap: "none", values });
    return this.done;
  }
}

customElements.define("tag-picker", TagPicker);
