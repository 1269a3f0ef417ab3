// A progress bar that keeps moving between polls at the pace TorBox reports (data-at 0..1, data-pace per second). If it is
// ahead of TorBox it waits, and it goes back only if TorBox's progress did.
const TICK = 1000, AHEAD = 30; // ms; seconds for which it moves without news
const calm = matchMedia("(prefers-reduced-motion: reduce)");

class MovingBar extends HTMLElement {
  static observedAttributes = ["data-at"];

  connectedCallback() {
    this.timer = setInterval(() => this.move(), TICK);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  attributeChangedCallback(name, before, now) {
    const at = Number(now);
    this.shown = at < (this.heard ?? 0) ? at : Math.max(at, this.shown ?? 0);
    this.heard = at;
    this.draw();
  }

  move() {
    if (document.hidden || calm.matches) return;
    const pace = Number(this.dataset.pace);
    this.shown = Math.max(this.shown, Math.min(this.shown + pace, this.heard + AHEAD * pace, 0.995));
    this.draw();
  }

  draw() {
    const bar = this.querySelector("progress");
    if (bar) bar.value = this.shown * 100;
  }
}

customElements.define("moving-bar", MovingBar);
