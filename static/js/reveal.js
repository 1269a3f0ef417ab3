// Scrolls a row that goes on sideways so far that its current item shows, without scrolling the page.
export const reveal = (row, margin = 0) => {
  const item = row?.querySelector("[aria-current]");
  if (!item || item === row.firstElementChild) return;
  const space = row.getBoundingClientRect(), it = item.getBoundingClientRect();
  if (it.right > space.right - margin) row.scrollLeft += it.right - space.right + margin;
  else if (it.left < space.left + margin) row.scrollLeft += it.left - space.left - margin;
};
