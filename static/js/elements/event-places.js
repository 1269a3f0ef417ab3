// An event in the settings of notifications. Keeps the line that says where it goes, such as “Bell, push, email”, in step
// with its boxes. The first place is written as its column is called, the others as inside a list (data-in-list).
class EventPlaces extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    this.addEventListener("change", () => this.draw(), { signal: this.listening.signal });
    this.draw(); // the browser may have kept the boxes over a reload
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  draw() {
    const chosen = [...this.querySelectorAll(".event-place")].filter((place) => place.querySelector("input").checked);
    const names = chosen.map((place, at) => (at ? place.querySelector("input").dataset.inList : place.textContent.trim()));
    const { between, off } = this.closest("[data-off]").dataset;
    this.querySelector(".event-where").textContent = names.join(between) || off;
    const select = this.querySelector("select");
    if (select) this.querySelector("strong").textContent = this.dataset.name.replace("{}", select.selectedOptions[0].text);
  }
}

customElements.define("event-places", EventPlaces);
