// The bell. On wide screens, a click opens a panel that the server fills; elsewhere the bell is a link to the page, as it is
// without script. Any answer to htmx says how much is unread (event "bell"), so the list's poll keeps it up to date.
import { Menu } from "../menu.js";

const wide = matchMedia("(min-width: 45rem)");

class BellButton extends Menu {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.addEventListener("bell", ({ detail }) => this.ring(detail), { signal });
    navigator.serviceWorker?.addEventListener("message", ({ data }) => data?.type === "notification" && this.look(), { signal });
    if (this.opener.hasAttribute("aria-current")) return; // the page with all of it
    this.opener.addEventListener("click", (event) => this.onClick(event), { signal });
    this.addEventListener("focusout", ({ relatedTarget }) => this.onFocusOut(relatedTarget), { signal });
    wide.addEventListener("change", () => this.adapt(), { signal });
    this.adapt();
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  get opener() {
    return this.querySelector("a");
  }

  get panel() {
    return this.querySelector("[role=dialog]");
  }

  get isOpen() {
    return this.opener.getAttribute("aria-expanded") === "true";
  }

  set isOpen(open) {
    if (open === this.isOpen || !wide.matches) return;
    this.opener.setAttribute("aria-expanded", open);
    if (open) this.show();
    else this.hide();
  }

  adapt() {
    this.hide();
    if (wide.matches) this.opener.setAttribute("aria-expanded", "false");
    else this.opener.removeAttribute("aria-expanded");
  }

  onClick(event) {
    if (!wide.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.isOpen = !this.isOpen;
  }

  // The panel closes once the focus moves on, so that it doesn't cover what has the focus.
  onFocusOut(to) {
    if (this.isOpen && to && !this.contains(to)) this.isOpen = false;
  }

  onKey() {} // arrow keys scroll the panel

  async show() {
    await this.fill(new CustomEvent("open"));
    if (!this.isOpen) return;
    if (!this.panel.firstElementChild) { this.isOpen = false; return; }
    this.panel.hidden = false;
    this.panel.focus({ preventScroll: true });
  }

  hide() {
    this.panel.hidden = true;
    this.panel.replaceChildren();
  }

  fill(event) {
    return window.htmx.ajax("GET", this.dataset.panel, { source: this, target: this.panel, swap: "innerHTML", event });
  }

  ring({ count, label }) {
    const shown = this.querySelector(".bell-count");
    if (this.opener.getAttribute("aria-label") === label) return;
    shown.textContent = count;
    this.opener.setAttribute("aria-label", label);
    document.body.dispatchEvent(new CustomEvent("bell-news"));
  }

  // Something was pushed to this device. The list polls by itself; other pages ask what the bell shows.
  look() {
    const list = document.querySelector("live-list");
    if (list) list.poll();
    else window.htmx.ajax("GET", this.dataset.panel, { source: this, target: this.panel, swap: "none", event: new CustomEvent("fill") });
  }
}

customElements.define("bell-button", BellButton);
