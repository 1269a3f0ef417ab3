import { reveal } from "./reveal.js";

const FADE = 32; // pixels at the end of the row (toolbar.css)

reveal(document.querySelector("#tabs"), FADE);
