// Turns push on and off for this browser, by its buttons with data-turn. Shows the children with its state in data-when: "on", "off", "denied", or why push
// can't work: "insecure", "ios" (only from the home screen), "old-ios", "unsupported". data-channel is the device that this
// browser is. The row of that device in the page, #channel-<device>, gets the attribute data-this-browser.
//
// After a change it dispatches "push-changed", and reloads the page unless a listener prevents that.
import { isAppleMobile } from "../platform.js";
import { ask, current, isSupported, permission, Refused, subscribe, unsubscribe } from "../push.js";
import { words } from "../script-words.js";

const isInstalled = () => navigator.standalone || matchMedia("(display-mode: standalone)").matches;

/** A browser throws a DOMException if it can't use its push service, as in private windows. */
function sentence(error, failed) {
  if (error instanceof Refused) return error.message;
  return error instanceof DOMException ? failed : words.unreachable;
}

class PushSwitch extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.button("on").addEventListener("click", () => this.change(() => this.turnOn()), { signal });
    this.button("off")?.addEventListener("click", () => this.change(() => this.turnOff()), { signal });
    this.show();
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  button(turn) {
    return this.querySelector(`button[data-turn=${turn}]`);
  }

  async state() {
    if (!isSecureContext) return "insecure";
    if (!isSupported) return !isAppleMobile ? "unsupported" : isInstalled() ? "old-ios" : "ios";
    if (permission() === "denied") return "denied";
    return this.dataset.channel && permission() === "granted" && (await current()) ? "on" : "off";
  }

  async show() {
    const state = await this.state();
    for (const part of this.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== state;
    document.getElementById(`channel-${this.dataset.channel}`)?.toggleAttribute("data-this-browser", state === "on");
  }

  async change(work) {
    const buttons = this.querySelectorAll("[data-turn]");
    for (const button of buttons) button.disabled = true;
    this.say("");
    try {
      await work();
    } catch (error) {
      this.say(sentence(error, this.dataset.failed));
    }
    for (const button of buttons) button.disabled = false;
    await this.show();
  }

  // Browsers ask for permission only during a tap, so nothing may be awaited before that.
  async turnOn() {
    if ((await window.Notification.requestPermission()) !== "granted") return;
    this.dataset.channel = await subscribe(await ask());
    this.changed();
  }

  async turnOff() {
    await unsubscribe();
    this.dataset.channel = "";
    this.changed();
  }

  changed() {
    if (this.dispatchEvent(new CustomEvent("push-changed", { bubbles: true, cancelable: true }))) location.reload();
  }

  say(text) {
    this.querySelector("[role=status]").textContent = text;
  }
}

customElements.define("push-switch", PushSwitch);
