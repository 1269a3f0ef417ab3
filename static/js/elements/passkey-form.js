// A form whose button makes or uses a passkey before the form is sent. The options come from its JSON block, or at the
// click from data-options. The browser shows its own dialog. The page shows a sentence for each kind of error.
// Where passkeys can't work, a form with "optional" hides itself, and any other form says why.

/** The sentence for an error's name, such as "NotAllowedError". */
function sentence(name) {
  const { dataset } = document.querySelector("meta[name=passkey-problems]");
  return dataset[name.charAt(0).toLowerCase() + name.slice(1)] ?? dataset.other;
}

class PasskeyForm extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.form = this.querySelector("form");
    this.problem = this.querySelector("[role=alert]");
    const missing = !isSecureContext ? "SecurityError" : !window.PublicKeyCredential ? "NotSupportedError" : "";
    if (missing) return this.giveUp(sentence(missing));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    }, { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  giveUp(reason) {
    this.hidden = this.hasAttribute("optional");
    this.querySelector("[type=submit]").disabled = true;
    this.say(reason);
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
      this.say(sentence(error.name));
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
    // Such a passkey signs in by itself: browsers find it without a name, and it verifies the person.
    Object.assign(options.publicKey.authenticatorSelection, { residentKey: "required", requireResidentKey: true, userVerification: "required" });
    return window.webauthnJSON.create(options);
  }

  say(text) {
    this.problem.textContent = text;
    this.problem.hidden = !text;
  }
}

customElements.define("passkey-form", PasskeyForm);
