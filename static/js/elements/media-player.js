// Says what to do instead when the browser cannot play the file; the links to VLC and to the download are there anyway.
class MediaPlayer extends HTMLElement {
  connectedCallback() {
    const media = this.querySelector("video, audio");
    const say = () => { this.querySelector("[role=status]").hidden = false; };
    media.addEventListener("error", say);
    if (media.error) say(); // it failed before this script was there
  }
}

customElements.define("media-player", MediaPlayer);
