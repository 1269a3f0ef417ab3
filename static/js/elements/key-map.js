// Keyboard shortcuts for the list: j and k move between rows; x, d, and Del act on the focused row; ? lists all keys.
// Single-key shortcuts can be turned off on this device, because voice control may type letters.
import { nameKeys } from "../shortcuts.js";

const BUSY = "input:not([type=checkbox]), textarea, select, dialog, [contenteditable]";
const OFF = "torbox-web-single-keys-off";

class KeyMap extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.at = -1;
    this.keys = {
      j: () => this.walk(1), k: () => this.walk(-1), x: (row, event) => row?.querySelector(".row-check")?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: event.shiftKey })),
      d: (row) => row?.querySelector("[id^=get-]")?.click(), Delete: (row) => this.remove(row), "?": () => this.show(),
    };
    document.addEventListener("keydown", (event) => this.press(event), { signal });
    document.addEventListener("focusin", () => {
      this.at = Math.max(this.rows.indexOf(this.row), this.row ? 0 : this.at);
    }, { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  get rows() {
    return [...document.querySelectorAll("#rows > .row")];
  }

  get row() {
    return document.activeElement.closest?.("#rows > .row");
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(BUSY)) return;
    if (event.key === "Escape" && !event.defaultPrevented) document.getElementById("bulk").reset();
    const act = this.keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || (event.key.length === 1 && localStorage.getItem(OFF))) return;
    event.preventDefault();
    act(this.row, event);
  }

  // From the focused row, or from the place of the last focused row if that is gone.
  walk(step) {
    const rows = this.rows, from = this.row ? rows.indexOf(this.row) + step : this.at + (this.at < 0 ? 1 : 0);
    rows[Math.max(0, Math.min(from, rows.length - 1))]?.querySelector(".row-title").focus();
  }

  remove(row) {
    const ticked = document.querySelector("input[name=ids]:checked");
    if (ticked) document.querySelector("#bulk [value=ask-delete]").click();
    else row?.querySelector("row-menu").choose(".danger");
  }

  show() {
    const keys = this.querySelector("template").content.cloneNode(true);
    nameKeys(keys);
    document.getElementById("dialog").replaceChildren(keys);
    const box = document.getElementById("single-keys");
    box.checked = !localStorage.getItem(OFF);
    const remember = () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1"));
    box.addEventListener("change", remember, { signal: this.listening.signal });
  }
}

customElements.define("key-map", KeyMap);
