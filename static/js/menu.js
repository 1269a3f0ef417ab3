// What every menu does: it closes on a click outside, on Escape, and after a choice, and arrow keys walk through its items.
// Near the bottom it opens upward. A custom element that is a menu has `opener`, its button, and `isOpen`, which can be set.
const MENUS = "bell-button, menu-button, row-menu";

export class Menu extends HTMLElement {
  listen(signal) {
    this.addEventListener("keydown", (event) => this.onKey(event), { signal });
    this.addEventListener("click", (event) => {
      if (event.target.closest(".menu-item")) setTimeout(() => this.close());
    }, { signal });
  }

  place() {
    this.removeAttribute("data-up");
    const list = this.querySelector(".menu-list");
    if (this.isOpen && list.getBoundingClientRect().bottom > innerHeight - 8 && this.getBoundingClientRect().top > list.offsetHeight)
      this.setAttribute("data-up", "");
  }

  close() {
    const within = this.contains(document.activeElement);
    this.isOpen = false;
    if (within) this.opener.focus();
  }

  onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.isOpen = true;
    this.walk(step);
  }

  walk(step) {
    const items = [...this.querySelectorAll(".menu-item")].filter((item) => item.getClientRects().length);
    const at = items.indexOf(document.activeElement);
    items.at(at < 0 ? (step > 0 ? 0 : -1) : (at + step) % items.length)?.focus();
  }
}

const open = () => [...document.querySelectorAll(MENUS)].filter((menu) => menu.isOpen);

document.addEventListener("click", ({ target }) => {
  for (const menu of open()) if (!menu.contains(target)) menu.isOpen = false;
});

// On the document, because Safari doesn't focus a pressed button.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    event.preventDefault(); // Escape closes the menu and does nothing else
    menu.close();
  }
}, { capture: true });
