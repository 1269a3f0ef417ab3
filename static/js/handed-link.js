// Browsers and the bookmarklet pass links as /add/#url=…, because the part after "#" may be long and isn't logged.
// People who have to sign in first find the link again afterward, in the same tab.
const MARK = "#url=", KEPT = "handed-link";

function inAddress() {
  const at = location.href.indexOf(MARK);
  if (at < 0) return "";
  const text = location.href.slice(at + MARK.length);
  history.replaceState(history.state, "", location.pathname + location.search);
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // It wasn't encoded.
  }
}

function keep(link) {
  try {
    if (link) sessionStorage.setItem(KEPT, link);
    else sessionStorage.removeItem(KEPT);
  } catch { /* private windows may have no storage, and it may be full */ }
}

function kept() {
  try {
    return sessionStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}

function take() {
  const form = document.querySelector("#handed-link"), link = inAddress();
  if (!form) return link && keep(link);
  form.elements.link.value = link || kept();
  keep("");
  if (form.elements.link.value.trim()) form.submit();
}

take();
addEventListener("hashchange", take);
