// Asks for changes: every 5 s while something moves, every 20 s otherwise, a few times quickly after something
// was done here, never in a hidden tab, at once when the tab comes back. The request itself is htmx's, declared
// on the element (event "poll").
const SOON = 1_500, MOVING = 5_000, IDLE = 20_000, UNREACHABLE = 30_000;
let soon = 0; // outlives the element, which a morph may replace
document.addEventListener("list-changed", () => { soon = 4; });

class LiveList extends HTMLElement {
  connectedCallback() {
    this.failed = false;
    this.onVisible = () => (document.hidden ? clearTimeout(this.timer) : this.poll());
    this.onShow = (event) => event.persisted && this.poll(); // the browser kept the page while it was left
    document.addEventListener("visibilitychange", this.onVisible);
    addEventListener("pageshow", this.onShow);
    this.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.elt !== this) return;
      this.failed = !event.detail.successful;
      this.plan();
    });
    this.plan();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.onVisible);
    removeEventListener("pageshow", this.onShow);
  }

  plan() {
    clearTimeout(this.timer);
    if (document.hidden) return;
    const wait = soon-- > 0 ? SOON : this.failed ? UNREACHABLE : this.hasAttribute("moving") ? MOVING : IDLE;
    this.timer = setTimeout(() => this.poll(), wait);
  }

  poll() {
    this.plan();
    this.dispatchEvent(new CustomEvent("poll"));
  }
}

customElements.define("live-list", LiveList);
