// Ticking with Shift: everything between the box ticked last and this one becomes like this one.
export function tickRange(boxes, last, box) {
  const from = boxes.indexOf(last), to = boxes.indexOf(box);
  if (from < 0 || to < 0) return;
  for (const other of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) other.checked = box.checked;
}
