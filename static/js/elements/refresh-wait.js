// Counts "Refresh in 8 s" down on the button inside it, then offers it again.
class RefreshWait extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.tick(), 1000);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  tick() {
    const label = this.querySelector("button span");
    const left = Number(label?.textContent.match(/\d+/)?.[0]);
    if (!left) return;
    label.textContent = left > 1 ? label.textContent.replace(left, left - 1) : "Refresh now";
    if (left <= 1) this.querySelector("button").disabled = false;
  }
}

customElements.define("refresh-wait", RefreshWait);
