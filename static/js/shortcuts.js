// Names keys as this device does: "Ctrl V" is "⌘V" on devices with a Command key. Pages name keys in <kbd>.
import { words } from "./script-words.js";

const COMMAND = /Mac|iPhone|iPad|iPod/.test(navigator.platform);

export const keys = (text) => (COMMAND ? text.replaceAll(`${words.control} `, "⌘") : text);

export function nameKeys(root) {
  for (const key of root.querySelectorAll("kbd")) key.textContent = keys(key.textContent);
}

if (COMMAND) nameKeys(document);
