// What pages for people without an account can do beyond links and forms.
import "./elements/media-player.js";
import "./elements/password-field.js";
