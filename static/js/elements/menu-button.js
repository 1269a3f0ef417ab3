// A <details> menu that closes on a click outside, on Escape and after a choice, and opens upwards near the bottom.
class MenuButton extends HTMLElement {
  connectedCallback() {
    this.details = this.querySelector("details");
    this.onOutside = (event) => {
      if (!this.contains(event.target)) this.details.open = false;
    };
    document.addEventListener("click", this.onOutside);
    this.details.addEventListener("toggle", () => this.place());
    this.addEventListener("keydown", (event) => this.onKey(event));
    this.addEventListener("click", (event) => {
      if (event.target.closest(".menu-item")) setTimeout(() => this.close());
    });
  }

  disconnectedCallback() {
    document.removeEventListener("click", this.onOutside);
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
    if (event.key === "Escape" && this.details.open) {
      event.preventDefault(); // that is what Escape was for
      this.close();
    }
    else if (step) {
      event.preventDefault();
      this.details.open = true;
      const at = items.indexOf(document.activeElement);
      items.at(at < 0 ? (step > 0 ? 0 : -1) : (at + step) % items.length)?.focus();
    }
  }
}

customElements.define("menu-button", MenuButton);
