// Says what happened: messages printed by the page, and those that arrive as an HX-Trigger "toast".
// Polite live region; each leaves by itself, later when it offers an undo, never while pointed at or focused.
const STAYS = { undo: 10_000, error: 12_000, other: 6_000 };

class ToastStack extends HTMLElement {
  connectedCallback() {
    this.pattern = this.querySelector("template").content.firstElementChild;
    for (const toast of this.querySelectorAll(".toast")) this.start(toast);
    this.onToast = (event) => event.detail.items?.forEach((item) => this.show(item));
    document.addEventListener("toast", this.onToast);
  }

  disconnectedCallback() {
    document.removeEventListener("toast", this.onToast);
  }

  show({ text, level = "info", undo = "" }) {
    const toast = this.pattern.cloneNode(true);
    const form = toast.querySelector("form");
    toast.dataset.level = level;
    toast.querySelector(".toast-text").textContent = text;
    if (undo) form.action = undo;
    else form.remove();
    this.append(toast);
    this.start(toast);
  }

  start(toast) {
    const form = toast.querySelector("form");
    const close = toast.querySelector(".toast-close");
    close.hidden = false;
    close.addEventListener("click", () => toast.remove());
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      window.htmx.ajax("POST", form.action, { source: document.body, target: document.body, swap: "none" });
      toast.remove();
    });
    let left = form ? STAYS.undo : toast.dataset.level === "error" ? STAYS.error : STAYS.other;
    const tick = setInterval(() => {
      if (toast.matches(":hover, :focus-within") || document.hidden) return;
      left -= 500;
      if (left > 0 && toast.isConnected) return;
      clearInterval(tick);
      toast.remove();
    }, 500);
  }
}

customElements.define("toast-stack", ToastStack);
