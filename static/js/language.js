// The page's language, for what the browser writes itself: numbers, sizes, and ages.
export const LANGUAGE = document.documentElement.lang || "en";
