// A <details> menu that closes on a click outside, on Escape, and after a choice. Near the bottom it opens upward.
class MenuButton extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.details = this.querySelector("details");
    document.addEventListener("click", (event) => {
      if (!this.contains(event.target)) this.details.open = false;
    }, { signal });
    const escape = (event) => {
      if (event.key !== "Escape" || !this.details.open) return;
      event.preventDefault(); // Escape closes the menu and does nothing else
      this.close();
    };
    // On the document, because Safari doesn't focus a pressed button.
    document.addEventListener("keydown", escape, { capture: true, signal });
    this.details.addEventListener("toggle", () => this.place(), { signal });
    this.addEventListener("keydown", (event) => this.onKey(event), { signal });
    this.addEventListener("click", (event) => {
      if (event.target.closest(".menu-item")) setTimeout(() => this.close());
    }, { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  place() {
    this.removeAttribute("data-up");
    const list = this.querySelector(".menu-list");
    if (this.details.open && list.getBoundingClientRect().bottom > innerHeight - 8 && this.getBoundingClientRect().top > list.offsetHeight)
      this.setAttribute("data-up", "");
  }

  close() {
    const within = this.contains(document.activeElement);
    this.details.open = false;
    if (within) this.querySelector("summary").focus();
  }

  onKey(event) {
    const items = [...this.querySelectorAll(".menu-item")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.details.open = true;
    const at = items.indexOf(document.activeElement);
    items.at(at < 0 ? (step > 0 ? 0 : -1) : (at + step) % items.length)?.focus();
  }
}

customElements.define("menu-button", MenuButton);
