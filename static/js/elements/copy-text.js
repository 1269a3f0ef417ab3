// Copies what its text area holds: at once when it arrives with "now", and on its button. Where the clipboard is
// closed to the page (plain http, old browsers) it selects the text instead and says so.
class CopyText extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("textarea, input");
    this.button = this.querySelector("button");
    this.button?.addEventListener("click", () => this.copy());
    if (this.hasAttribute("now")) setTimeout(() => this.copy()); // after a surrounding dialog has opened
  }

  async copy() {
    let text = "Copied.";
    try {
      await navigator.clipboard.writeText(this.field.value);
    } catch {
      text = "Your browser keeps the clipboard closed here: the text is selected, press Ctrl C.";
      this.field.focus();
      this.field.select();
    }
    const said = this.querySelector("[role=status]");
    if (said) said.textContent = text;
  }
}

customElements.define("copy-text", CopyText);
