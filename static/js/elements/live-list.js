// Polls for changes: every 5 s while something moves, else every 20 s, a few times quickly after an action on this page,
// never in a hidden tab, and at once when the tab is shown again. The request is declared on the element (event "poll"
// for htmx).
const SOON = 1_500, MOVING = 5_000, IDLE = 20_000, UNREACHABLE = 30_000;
let soon = 0; // outside of the element, because a morph may replace it
document.addEventListener("list-changed", () => { soon = 4; });

class LiveList extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.failed = false;
    const look = () => (document.hidden ? clearTimeout(this.timer) : this.poll());
    document.addEventListener("visibilitychange", look, { signal });
    // The browser restored the page.
    addEventListener("pageshow", (event) => event.persisted && this.poll(), { signal });
    this.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.elt !== this) return;
      this.failed = !event.detail.successful;
      this.plan();
    }, { signal });
    this.plan();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.listening.abort();
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
