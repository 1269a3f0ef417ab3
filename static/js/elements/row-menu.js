// The menu of a row. The server makes it (data-menu) when the pointer or the focus rests on its button or presses it, because
// fifty of them would be half of the page. Without script, the button is a link to the torrent's own page, whose menu has the
// same items.
import { Menu } from "../menu.js";

const RESTS = 80; // ms; less than that is a pointer on its way to something else
const TYPED = ["ArrowDown", "ArrowUp", "Enter", " "];

// A menu that is open changes with its row.
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id === "list") document.querySelector("row-menu > [aria-expanded=true]")?.parentElement.refresh();
});

// What a menu offers may change without its row.
document.addEventListener("menus-changed", () => {
  for (const menu of document.querySelectorAll("row-menu")) menu.forget();
});

class RowMenu extends Menu {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.listen(signal);
    if (!this.opener.hasAttribute("aria-expanded")) this.opener.setAttribute("aria-expanded", "false");
    for (const name of ["pointerenter", "focusin"]) this.addEventListener(name, () => this.loadSoon(), { signal });
    for (const name of ["pointerleave", "focusout"]) this.addEventListener(name, () => clearTimeout(this.timer), { signal });
    this.opener.addEventListener("pointerdown", () => this.load(), { signal });
    this.opener.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.isOpen = !this.isOpen;
    }, { signal });
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.listening.abort();
  }

  get opener() {
    return this.firstElementChild;
  }

  get list() {
    return this.querySelector(".menu-list");
  }

  get isOpen() {
    return this.opener.getAttribute("aria-expanded") === "true";
  }

  set isOpen(open) {
    if (open === this.isOpen) return;
    this.opener.setAttribute("aria-expanded", open);
    if (open) this.show();
    else if (this.list) this.list.hidden = true;
  }

  get isFilled() {
    return Boolean(this.list?.firstElementChild);
  }

  loadSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), RESTS);
  }

  // Any change of the list removes a menu that isn't open, so that the next one is up to date.
  load() {
    clearTimeout(this.timer);
    if (this.list) return this.loading;
    const list = document.createElement("div");
    list.className = "menu-list";
    list.dataset.keep = "itself";
    list.hidden = true;
    this.append(list);
    return (this.loading = this.fill(new CustomEvent("fill")));
  }

  fill(event) {
    return window.htmx.ajax("GET", this.dataset.menu, { source: this, target: this.list, swap: "morph:innerHTML", event });
  }

  async show() {
    this.typed = [];
    if (!this.isFilled) await this.load();
    if (!this.isFilled && this.isOpen) await this.fill(); // says what went wrong
    if (!this.isFilled) this.isOpen = false;
    if (!this.isOpen) return;
    this.list.hidden = false;
    this.place();
    for (const key of this.typed) this.press(key);
  }

  forget() {
    if (!this.isOpen) this.list?.remove();
  }

  async refresh() {
    const within = this.contains(document.activeElement);
    await this.fill(new CustomEvent("fill"));
    if (within && !this.contains(document.activeElement)) this.opener.focus(); // its item is gone
    if (this.isOpen) this.place();
  }

  // Clicks an item without showing the menu.
  async choose(selector) {
    if (!this.isFilled) await this.load();
    this.list?.querySelector(selector)?.click();
  }

  // What is typed before the menu is there waits for it.
  onKey(event) {
    const arrow = event.key.startsWith("Arrow");
    if (!TYPED.includes(event.key) || !(arrow || event.target === this.opener)) return;
    if (arrow) this.isOpen = true;
    const waits = this.isOpen && this.list?.hidden !== false;
    if (!arrow && event.key !== " " && !waits) return;
    event.preventDefault();
    if (waits) this.typed.push(event.key);
    else this.press(event.key);
  }

  press(key) {
    if (key.startsWith("Arrow")) this.walk(key === "ArrowDown" ? 1 : -1);
    else document.activeElement.click();
  }
}

customElements.define("row-menu", RowMenu);
