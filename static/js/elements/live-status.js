// Updates the Status page every 15 s, never in a hidden tab, and at once when the tab is shown again.
// The request is declared on the element (event "poll" for htmx).
const EVERY = 15_000;

class LiveStatus extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.timer = setInterval(() => this.poll(), EVERY);
    document.addEventListener("visibilitychange", () => this.poll(), { signal });
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    this.listening.abort();
  }

  poll() {
    if (!document.hidden) this.dispatchEvent(new CustomEvent("poll"));
  }
}

customElements.define("live-status", LiveStatus);
