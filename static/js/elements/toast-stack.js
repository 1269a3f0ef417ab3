// Shows messages: those in the page, and those that arrive as HX-Trigger "toast". They are a polite live region.
// Each disappears after a while, later if it offers Undo, and not while it is hovered or focused.
const STAYS = { undo: 10_000, error: 12_000, other: 6_000 };

class ToastStack extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.pattern = this.querySelector("template").content.firstElementChild;
    for (const toast of this.querySelectorAll(".toast")) this.start(toast);
    document.addEventListener("toast", (event) => event.detail.items?.forEach((item) => this.show(item)), { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  show({ text, level = "info", undo = "", usage = "" }) {
    const toast = this.pattern.cloneNode(true);
    const form = toast.querySelector("form");
    toast.dataset.level = level;
    toast.querySelector(".toast-text").textContent = text;
    if (undo) {
      form.setAttribute("action", undo);
      for (const other of this.querySelectorAll("form"))
        if (undo.startsWith(`${other.getAttribute("action")}&`)) other.closest(".toast").remove(); // this one undoes both
    }
    else form.remove();
    const link = toast.querySelector(".toast-usage");
    if (usage) link.setAttribute("href", usage);
    else link.remove();
    this.append(toast);
    this.start(toast);
  }

  start(toast) {
    const { signal } = this.listening;
    const form = toast.querySelector("form");
    const close = toast.querySelector(".toast-close");
    close.hidden = false;
    close.addEventListener("click", () => toast.remove(), { signal });
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      window.htmx.ajax("POST", form.action, { source: document.body, target: document.body, swap: "none" });
      toast.remove();
    }, { signal });
    let left = form || toast.querySelector(".toast-usage") ? STAYS.undo : toast.dataset.level === "error" ? STAYS.error : STAYS.other;
    const tick = setInterval(() => {
      if (toast.matches(":hover, :focus-within") || document.hidden) return;
      left -= 500;
      if (left > 0 && toast.isConnected) return;
      clearInterval(tick);
      toast.remove();
    }, 500);
    signal.addEventListener("abort", () => clearInterval(tick), { once: true });
  }
}

customElements.define("toast-stack", ToastStack);
