// Adds a Show button to a password field, so that a long password can be checked before it is sent.
// Its words are in data-show, data-hide, and data-label.
class PasswordField extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    const field = this.querySelector("input");
    if (!field) return;
    const button = this.querySelector("button") ?? this.addButton();
    button.addEventListener("click", () => {
      const hidden = field.type === "password";
      field.type = hidden ? "text" : "password";
      button.textContent = hidden ? this.dataset.hide : this.dataset.show;
      button.setAttribute("aria-pressed", String(hidden));
    }, { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  addButton() {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = this.dataset.show;
    button.setAttribute("aria-label", this.dataset.label);
    button.setAttribute("aria-pressed", "false");
    this.append(button);
    return button;
  }
}

customElements.define("password-field", PasswordField);
