// Push on this browser, for the switch in Settings (elements/push-switch.js) and for the silent renewal (push-renewal.js).
//
// What was turned on is remembered here, so that it can be renewed: whose it is, with which key, and the endpoint.
const { pushKey, serviceWorker } = document.body.dataset;
const REMEMBERED = `torbox-web-push ${serviceWorker}`; // other instances may share this origin

export const isSupported = Boolean(isSecureContext && navigator.serviceWorker && window.PushManager && window.Notification);
export const permission = () => window.Notification.permission;
export const remembered = () => JSON.parse(localStorage.getItem(REMEMBERED));
export const forget = () => localStorage.removeItem(REMEMBERED);

/** What the server says when it refuses. */
export class Refused extends Error {}

/** The server's answer to a question, or to `body`. Throws `Refused`. */
async function exchange(address, body) {
  const headers = { Accept: "application/json", "X-CSRFToken": document.querySelector("#act [name=csrfmiddlewaretoken]").value };
  const sent = { method: "POST", body: JSON.stringify(body), headers: { ...headers, "Content-Type": "application/json" } };
  const answer = await fetch(address, body ? sent : { headers });
  const content = await answer.json(); // the sign-in page isn't JSON, which is an error too
  if (!answer.ok) throw new Refused(content.error);
  return content;
}

export const ask = () => exchange(pushKey);
const tell = (what, body) => exchange(new URL(`../${what}/`, new URL(pushKey, location)), body);

/** The subscription of this browser, if it has one. Doesn't wait for a worker that was never registered. */
export async function current() {
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** Subscribe with the key of `ask`, or renew, and return the device that the server knows this browser by. */
export async function subscribe({ key, person }) {
  await navigator.serviceWorker.register(serviceWorker);
  const { pushManager } = await navigator.serviceWorker.ready;
  let subscription = await pushManager.getSubscription();
  if (subscription && encoded(subscription.options.applicationServerKey) !== key) {
    await subscription.unsubscribe();
    subscription = null;
  }
  subscription ??= await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: decoded(key) });
  const { channel } = await tell("subscribe", { subscription });
  localStorage.setItem(REMEMBERED, JSON.stringify({ person, key, endpoint: subscription.endpoint }));
  return channel;
}

export async function unsubscribe() {
  const subscription = await current();
  await tell("unsubscribe", { endpoint: subscription?.endpoint });
  forget();
  await subscription?.unsubscribe();
}

const encoded = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const decoded = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
