// Everything the page can do beyond links and forms: one file per behaviour.
import "./keeping.js";
import "./elements/copy-text.js";
import "./elements/file-tree.js";
import "./elements/files-panel.js";
import "./elements/live-list.js";
import "./elements/live-preview.js";
import "./elements/live-status.js";
import "./elements/magnet-drop.js";
import "./elements/menu-button.js";
import "./elements/modal-dialog.js";
import "./elements/passkey-form.js";
import "./elements/password-field.js";
import "./elements/refresh-wait.js";
import "./elements/relative-time.js";
import "./elements/search-box.js";
import "./elements/selection-bar.js";
import "./elements/toast-stack.js";
