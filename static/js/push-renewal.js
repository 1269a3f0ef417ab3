// Keeps push working where a person turned it on: browsers change their endpoint now and then, a restored server may have
// another key, and a session that ended took the device with it. Asks the server once in each tab, or if the endpoint changed.
import { ask, current, forget, isSupported, permission, remembered, subscribe, unsubscribe } from "./push.js";

const ASKED = "torbox-web-push-asked";

async function renew() {
  const before = remembered();
  if (!before || permission() !== "granted") return;
  const isSame = (await current())?.endpoint === before.endpoint;
  if (isSame && sessionStorage.getItem(ASKED)) return;
  const now = await ask();
  sessionStorage.setItem(ASKED, "1");
  if (now.person !== before.person) return;
  if (isSame && now.gone) await unsubscribe();
  else if (!isSame || now.key !== before.key || !now.channel) await subscribe(now);
}

// Only pages of people who are signed in know the address. After a page without it, a new session may begin.
if (!document.body.dataset.pushKey) sessionStorage.removeItem(ASKED);
else if (isSupported) renew().catch(() => {}); // the next page tries again

// The server removes the device of a browser that signs out.
document.addEventListener("submit", ({ target }) => {
  if ("signsOut" in target.dataset) forget();
});
