// Shows its content only in browsers that support it (data-what).
// iPads claim to be Macs, but no Mac has a touch screen.
const { userAgent, maxTouchPoints, platform } = navigator;
const apple = /iPhone|iPad|iPod/.test(platform) || (/Mac/.test(platform) && maxTouchPoints > 1);
const android = /Android/.test(userAgent);
const CAN = {
  magnets: isSecureContext && Boolean(navigator.registerProtocolHandler),
  install: isSecureContext && (android || !/Firefox/.test(userAgent)),
  share: isSecureContext && android && /Chrome/.test(userAgent),
  shortcut: apple,
  passkeys: isSecureContext && Boolean(window.PublicKeyCredential),
};

class BrowserCan extends HTMLElement {
  connectedCallback() {
    this.hidden = !CAN[this.dataset.what];
  }
}

customElements.define("browser-can", BrowserCan);
