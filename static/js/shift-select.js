// A click with Shift: all boxes from the last clicked one to this one get its state.
export function tickRange(boxes, last, box) {
  const from = boxes.indexOf(last), to = boxes.indexOf(box);
  if (from < 0 || to < 0) return;
  for (const other of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) other.checked = box.checked;
}
