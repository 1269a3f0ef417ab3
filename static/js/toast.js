// Shows a toast, like a response with HX-Trigger "toast" does. elements/toast-stack.js draws both.
export const toast = (text, level = "info") =>
  document.dispatchEvent(new CustomEvent("toast", { detail: { items: [{ text, level }] } }));
