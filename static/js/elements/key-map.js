// The list by keyboard: j and k walk the rows; x, d and Del act on the row that has the focus; ? shows all keys.
// The single keys can be turned off on this device, for people whose voice control types letters.
const BUSY = "input:not([type=checkbox]), textarea, select, dialog, [contenteditable]";
const OFF = "torbox-web-single-keys-off";

class KeyMap extends HTMLElement {
  connectedCallback() {
    this.at = -1;
    this.keys = {
      j: () => this.walk(1), k: () => this.walk(-1), x: (row, event) => row?.querySelector(".row-check")?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: event.shiftKey })),
      d: (row) => row?.querySelector("[id^=get-]")?.click(), Delete: (row) => this.remove(row), "?": () => this.show(),
    };
    this.onKey = (event) => this.press(event);
    this.onFocus = () => { this.at = Math.max(this.rows.indexOf(this.row), this.row ? 0 : this.at); };
    document.addEventListener("keydown", this.onKey);
    document.addEventListener("focusin", this.onFocus);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
    document.removeEventListener("focusin", this.onFocus);
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

  // From the row that has the focus, or from where it was when that row went away.
  walk(step) {
    const rows = this.rows, from = this.row ? rows.indexOf(this.row) + step : this.at + (this.at < 0 ? 1 : 0);
    rows[Math.max(0, Math.min(from, rows.length - 1))]?.querySelector(".row-title").focus();
  }

  remove(row) {
    const ticked = document.querySelector("input[name=ids]:checked");
    const ask = ticked ? "#bulk [value=ask-delete]" : `#${row?.id ?? "none"} .menu-item.danger`;
    document.querySelector(ask)?.click();
  }

  show() {
    document.getElementById("dialog").replaceChildren(this.querySelector("template").content.cloneNode(true));
    const box = document.getElementById("single-keys");
    box.checked = !localStorage.getItem(OFF);
    box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  }
}

customElements.define("key-map", KeyMap);
