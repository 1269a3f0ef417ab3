// The ticked files of a torrent. A ticked folder stands for all files in it, loaded or not.
import { LANGUAGE } from "./language.js";
import { fill } from "./script-words.js";
import { tickRange } from "./shift-select.js";

const folderAround = (box) => box.closest(".branch-files")?.closest(".branch").querySelector("[name=folders]");
const below = (box) =>
  box.name === "folders" ? [...box.closest(".branch").querySelectorAll(".branch-files .files-check")] : [];

export class FileSelection {
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

  // Tick the rows that are loaded into a ticked folder.
  inherit() {
    for (const box of this.boxes) if (box.checked) for (const other of below(box)) other.checked = true;
    this.draw();
  }

  // Tick a folder only if all its rows are loaded and ticked, or it was ticked as a whole.
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
    const { what, selected } = count?.dataset ?? {};
    if (count) count.textContent = number ? fill(selected, number.toLocaleString(LANGUAGE)) : what;
    if (copy) copy.textContent = number ? copy.dataset.copy : copy.dataset.copyAll;
    const all = this.tree.querySelector("[data-all]");
    if (all) all.checked = number > 0 && ticked.length === boxes.length;
    if (all) all.indeterminate = number > 0 && !all.checked;
  }
}
