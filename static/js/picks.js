// The ticked files of a torrent. A ticked folder stands for everything in it, also for what has not been loaded.
import { tickRange } from "./ranges.js";

const folderAround = (box) => box.closest(".branch-files")?.closest(".branch").querySelector("[name=folders]");
const below = (box) =>
  box.name === "folders" ? [...box.closest(".branch").querySelectorAll(".branch-files .files-check")] : [];

export class Picks {
  constructor(tree) {
    this.tree = tree;
    this.draw();
  }

  get boxes() {
    return [...this.tree.querySelectorAll(".files-list .files-check")];
  }

  tick(box, shift) {
    if ("all" in box.dataset) for (const other of this.boxes) other.checked = box.checked;
    if (shift) tickRange(this.boxes, this.last, box);
    for (const other of below(box)) other.checked = box.checked;
    this.last = box;
    this.climb();
    this.draw();
  }

  // Rows that arrived in a ticked folder are ticked too.
  inherit() {
    for (const box of this.boxes) if (box.checked) for (const other of below(box)) other.checked = true;
    this.draw();
  }

  // A folder stands for everything only while all of it is here and ticked, or was ticked as a whole.
  climb() {
    for (const box of this.boxes.reverse()) {
      const inside = below(box);
      if (!inside.length) continue;
      const ticked = inside.filter((other) => other.checked).length;
      const all = !box.closest(".branch").querySelector(".files-more");
      box.checked = ticked === inside.length && (all || box.checked);
      box.indeterminate = ticked > 0 && !box.checked;
    }
  }

  draw() {
    const boxes = this.boxes, ticked = boxes.filter((box) => box.checked);
    const number = ticked.filter((box) => !folderAround(box)?.checked).reduce((sum, box) => sum + Number(box.dataset.count), 0);
    const count = this.tree.querySelector(".files-count"), copy = this.tree.querySelector("[data-copy]");
    if (count) count.textContent = number ? `${number.toLocaleString("en")} selected` : count.dataset.what;
    if (copy) copy.textContent = number ? "Copy links" : "Copy all";
    const all = this.tree.querySelector("[data-all]");
    if (all) all.checked = number > 0 && ticked.length === boxes.length;
    if (all) all.indeterminate = number > 0 && !all.checked;
  }
}
