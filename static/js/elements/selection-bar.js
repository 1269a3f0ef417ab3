// Counts the ticked rows and adds up their sizes. Ticks all of them, or a range with Shift. If the whole page is ticked, it
// offers everything that matches the list's tab and search. The server then acts on that query. CSS shows and hides the bar.
import { fileSize } from "../format-bytes.js";
import { LANGUAGE } from "../language.js";
import { fill } from "../script-words.js";
import { tickRange } from "../shift-select.js";

class SelectionBar extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    const on = (name, handler) => document.addEventListener(name, handler, { signal });
    on("click", (event) => this.onClick(event));
    on("change", () => this.draw());
    on("reset", () => setTimeout(() => this.draw()));
    on("htmx:afterSettle", () => this.draw());
    this.draw();
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  get boxes() {
    return [...document.querySelectorAll("input[name=ids][form=bulk]")];
  }

  get everything() {
    return this.querySelector("[name=matching]");
  }

  onClick(event) {
    const box = event.target, boxes = this.boxes;
    if (box.matches?.("[data-select-all]")) for (const other of boxes) other.checked = box.checked;
    else if (!boxes.includes(box)) return;
    if (!box.checked) this.everything.checked = false;
    if (event.shiftKey) tickRange(boxes, document.getElementById(this.last), box);
    this.last = box.id;
  }

  draw() {
    const { total = 0, matching = "" } = document.getElementById("list")?.dataset ?? {};
    const boxes = this.boxes, everything = this.everything;
    if (everything.value !== matching) everything.checked = false; // the tab or the search has changed
    everything.value = matching;
    if (everything.checked) for (const box of boxes) box.checked = true; // also rows that are new
    const ticked = boxes.filter((box) => box.checked);
    const whole = ticked.length > 0 && ticked.length === boxes.length;
    this.toggleAttribute("data-offer", whole && total > boxes.length);
    this.say(ticked, everything.checked, Number(total));
    this.offer(ticked);
    const all = document.querySelector("[data-select-all]");
    if (all) [all.checked, all.indeterminate] = [whole, ticked.length > 0 && !whole];
  }

  // If all ticked rows are kept, Keep becomes Stop keeping.
  offer(ticked) {
    const kept = ticked.length > 0 && ticked.every((box) => "kept" in box.dataset);
    this.toggleAttribute("data-all-kept", kept);
    const button = this.querySelector("#keep-selected");
    if (button) button.value = kept ? "off" : "on";
  }

  say(ticked, everything, total) {
    const bytes = ticked.reduce((sum, box) => sum + Number(box.dataset.size), 0);
    const selected = (everything ? total : ticked.length).toLocaleString(LANGUAGE);
    this.write(".selection-text", fill(this.dataset.selected, selected));
    this.write(".selection-size", bytes && !everything ? fileSize(bytes) : "");
    this.write(".selection-matching span", fill(this.dataset.all, total.toLocaleString(LANGUAGE)));
  }

  write(selector, text) {
    const place = this.querySelector(selector);
    if (place.textContent !== text) place.textContent = text; // a live region announces every change
  }
}

customElements.define("selection-bar", SelectionBar);
