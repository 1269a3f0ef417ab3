// Counts "Refresh in 8 s" down on its button, then enables it. {} in data-waiting is the number of seconds.
class RefreshWait extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.tick(), 1000);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  tick() {
    const left = Number(this.dataset.seconds) - 1;
    if (!(left >= 0)) return;
    this.dataset.seconds = left;
    this.querySelector("button span").textContent = left ? this.dataset.waiting.replace("{}", left) : this.dataset.ready;
    if (!left) this.querySelector("button").disabled = false;
  }
}

customElements.define("refresh-wait", RefreshWait);
