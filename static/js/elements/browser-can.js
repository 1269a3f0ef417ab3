// Shows its content only in browsers that support it (data-what).
import { isAppleMobile } from "../platform.js";

const { userAgent } = navigator;
const android = /Android/.test(userAgent);
const CAN = {
  magnets: isSecureContext && Boolean(navigator.registerProtocolHandler),
  install: isSecureContext && (android || !/Firefox/.test(userAgent)),
  share: isSecureContext && android && /Chrome/.test(userAgent),
  shortcut: isAppleMobile,
  passkeys: isSecureContext && Boolean(window.PublicKeyCredential),
};

class BrowserCan extends HTMLElement {
  connectedCallback() {
    this.hidden = !CAN[this.dataset.what];
  }
}

customElements.define("browser-can", BrowserCan);
