// Adds "Show" to a password field, so that a long one can be checked before it is sent.
class PasswordField extends HTMLElement {
  connectedCallback() {
    const field = this.querySelector("input");
    if (this.querySelector("button") || !field) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Show";
    button.setAttribute("aria-label", "Show what is typed");
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      const hidden = field.type === "password";
      field.type = hidden ? "text" : "password";
      button.textContent = hidden ? "Hide" : "Show";
      button.setAttribute("aria-pressed", String(hidden));
    });
    this.append(button);
  }
}

customElements.define("password-field", PasswordField);
