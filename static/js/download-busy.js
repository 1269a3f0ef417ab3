// A download starts when TorBox has made its link, which may take seconds. Until then, the pressed link shows it.
const LONGEST = 8_000;

document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href$="/download/"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const rest = () => link.removeAttribute("data-busy");
  link.setAttribute("data-busy", "");
  setTimeout(rest, LONGEST);
  window.addEventListener("pagehide", rest, { once: true });
  window.addEventListener("blur", rest, { once: true }); // the browser asks where to save it
});
