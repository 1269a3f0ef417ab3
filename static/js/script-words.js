// The sentences of scripts in the page's language, from components/_script_words.html. {} in them is filled in by scripts.
export const words = document.getElementById("script-words")?.dataset ?? {};
export const fill = (sentence, value) => sentence.replace("{}", () => value);
