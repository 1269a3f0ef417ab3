// Shows what else to do when the browser can't play the file. The links to VLC and to the download are always there.
class MediaPlayer extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    const media = this.querySelector("video, audio");
    const say = () => { this.querySelector("[role=status]").hidden = false; };
    media.addEventListener("error", say, { signal });
    if (media.error) say(); // it failed before this script ran
  }

  disconnectedCallback() {
    this.listening.abort();
  }
}

customElements.define("media-player", MediaPlayer);
