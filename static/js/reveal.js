// Scrolls a row sideways until its current item shows, and leaves the page where it is.
export const reveal = (row, margin = 0) => {
  const item = row?.querySelector("[aria-current]");
  if (!item || item === row.firstElementChild) return;
  const space = row.getBoundingClientRect(), it = item.getBoundingClientRect();
  if (it.right > space.right - margin) row.scrollLeft += it.right - space.right + margin;
  else if (it.left < space.left + margin) row.scrollLeft += it.left - space.left - margin;
};
