// Counts what is ticked, adds up its size, ticks all, and ticks a range with Shift. CSS shows and hides the bar.
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

  onClick(event) {
    const box = event.target;
    if (box.matches?.("[data-select-all]")) for (const other of this.boxes) other.checked = box.checked;
    if (!this.boxes.includes(box)) return;
    const boxes = this.boxes;
    const last = boxes.findIndex((other) => other.id === this.last);
    if (event.shiftKey && last >= 0) {
      const [from, to] = [last, boxes.indexOf(box)].sort((a, b) => a - b);
      for (const other of boxes.slice(from, to + 1)) other.checked = box.checked;
    }
    this.last = box.id;
  }

  draw() {
    const ticked = this.boxes.filter((box) => box.checked);
    const bytes = ticked.reduce((sum, box) => sum + Number(box.dataset.size), 0);
    const text = `${ticked.length} selected`;
    const said = this.querySelector(".selection-text");
    if (said.textContent !== text) said.textContent = text;
    this.querySelector(".selection-size").textContent = bytes ? size(bytes) : "";
    const all = document.querySelector("[data-select-all]");
    if (!all) return;
    all.checked = ticked.length > 0 && ticked.length === this.boxes.length;
    all.indeterminate = ticked.length > 0 && !all.checked;
  }
}

customElements.define("selection-bar", SelectionBar);
