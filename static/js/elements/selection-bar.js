// Counts what is ticked, adds up its size, ticks all, ticks a range with Shift, and once the whole page is ticked offers
// everything that matches the list's tab and search: the server then acts on that query. CSS shows and hides the bar.
import { tickRange } from "../ranges.js";

const size = (bytes) => {
  let unit = 0;
  for (; bytes >= 1000 && unit < 4; unit += 1) bytes /= 1000;
  return `${unit > 1 ? bytes.toFixed(1) : Math.round(bytes)} ${["B", "KB", "MB", "GB", "TB"][unit]}`;
};

class SelectionBar extends HTMLElement {
  connectedCallback() {
    this.handlers = { click: (event) => this.onClick(event), change: () => this.draw(), reset: () => setTimeout(() => this.draw()), "htmx:afterSettle": () => this.draw() };
    for (const [name, handler] of Object.entries(this.handlers)) document.addEventListener(name, handler);
    this.draw();
  }

  disconnectedCallback() {
    for (const [name, handler] of Object.entries(this.handlers)) document.removeEventListener(name, handler);
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
    if (everything.value !== matching) everything.checked = false; // another tab or search by now
    everything.value = matching;
    if (everything.checked) for (const box of boxes) box.checked = true; // also rows that came meanwhile
    const ticked = boxes.filter((box) => box.checked);
    const whole = ticked.length > 0 && ticked.length === boxes.length;
    this.toggleAttribute("data-offer", whole && total > boxes.length);
    this.say(ticked, everything.checked, Number(total));
    const all = document.querySelector("[data-select-all]");
    if (all) [all.checked, all.indeterminate] = [whole, ticked.length > 0 && !whole];
  }

  say(ticked, everything, total) {
    const bytes = ticked.reduce((sum, box) => sum + Number(box.dataset.size), 0);
    const number = (everything ? total : ticked.length).toLocaleString("en");
    this.write(".selection-text", `${number} selected`);
    this.write(".selection-size", bytes && !everything ? size(bytes) : "");
    this.write(".selection-matching span", `All ${total.toLocaleString("en")}`);
  }

  write(selector, text) {
    const place = this.querySelector(selector);
    if (place.textContent !== text) place.textContent = text; // a live region: say it once
  }
}

customElements.define("selection-bar", SelectionBar);
