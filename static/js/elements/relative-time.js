// Keeps "3 minutes ago" true while the page stays open, also inside a longer sentence: {} in data-around of the time is the age.
import { LANGUAGE } from "../language.js";

const MINUTE = 60, HOUR = 3600;
const AGES = new Intl.RelativeTimeFormat(LANGUAGE, { style: "long" });

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
    if (!(age >= MINUTE && age < 6 * HOUR)) return; // older texts ("yesterday", "Mar 3") are the server's
    const ago = age < HOUR ? AGES.format(-Math.round(age / MINUTE), "minute") : AGES.format(-Math.round(age / HOUR), "hour");
    const text = (time.dataset.around ?? "{}").replace("{}", ago);
    if (text !== time.textContent.trim()) time.textContent = text;
  }
}

customElements.define("relative-time", RelativeTime);
