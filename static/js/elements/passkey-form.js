// A form whose button makes or uses a passkey before it is sent. The options come from its JSON block, or at the
// click from data-options. The browser's own window does the talking; what went wrong is said in a sentence.
const PROBLEMS = {
  NotAllowedError: "That was cancelled, or no passkey for this site was found. Nothing was changed.",
  InvalidStateError: "This device has a passkey for you already.",
  SecurityError: "Passkeys work only where the address starts with https, or on localhost.",
};

class PasskeyForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.problem = this.querySelector("[role=alert]");
    if (!window.PublicKeyCredential) return this.say(PROBLEMS.SecurityError);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
  }

  async send() {
    const button = this.querySelector("[type=submit]");
    button.disabled = true;
    this.say("");
    try {
      const credential = await this.ask(await this.options());
      this.form.elements.credential.value = JSON.stringify(credential);
      this.form.submit();
    } catch (error) {
      this.say(PROBLEMS[error.name] ?? "The passkey could not be used. Load the page again and retry.");
      button.disabled = false;
    }
  }

  async options() {
    const block = this.querySelector("script[type='application/json']");
    if (block) return JSON.parse(block.textContent);
    const answer = await fetch(this.dataset.options, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("no options");
    return (await answer.json()).request_options;
  }

  ask(options) {
    if (!this.hasAttribute("makes")) return window.webauthnJSON.get(options);
    // One that can be found without a name, and that checks who holds it: it signs in with nothing else.
    Object.assign(options.publicKey.authenticatorSelection, { residentKey: "required", requireResidentKey: true, userVerification: "required" });
    return window.webauthnJSON.create(options);
  }

  say(text) {
    this.problem.textContent = text;
    this.problem.hidden = !text;
  }
}

customElements.define("passkey-form", PasskeyForm);
