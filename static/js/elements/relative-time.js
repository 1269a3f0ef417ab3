// Keeps "3 min ago" true while the page stays open, also inside a longer sentence. The server wrote the first text.
const MINUTE = 60, HOUR = 3600;
const AGO = /just now|\d+ (min|h) ago/;

class RelativeTime extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.draw(), 20_000);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  draw() {
    const time = this.querySelector("time");
    const age = (Date.now() - Date.parse(time?.dateTime)) / 1000;
    if (!(age >= MINUTE && age < 6 * HOUR)) return; // older texts ("Yesterday", "3 Mar") are the server's
    const ago = age < HOUR ? `${Math.floor(age / MINUTE)} min ago` : `${Math.round(age / HOUR)} h ago`;
    const text = time.textContent.replace(AGO, ago);
    if (text !== time.textContent) time.textContent = text;
  }
}

customElements.define("relative-time", RelativeTime);
