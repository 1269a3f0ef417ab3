// Brings the Status page up to date every 15 s, never in a hidden tab, at once when the tab comes back.
// The request itself is htmx's, declared on the element (event "poll").
const EVERY = 15_000;

class LiveStatus extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.poll(), EVERY);
    this.onVisible = () => this.poll();
    document.addEventListener("visibilitychange", this.onVisible);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.onVisible);
  }

  poll() {
    if (!document.hidden) this.dispatchEvent(new CustomEvent("poll"));
  }
}

customElements.define("live-status", LiveStatus);
