/** Has the service worker keep the page for when there is no network: once it is installed, or has made a meme. */

const keep = () => navigator.serviceWorker?.register("sw.js").catch(() => {}); // without it the page needs a network

/** Whether this is the installed page's own window, not a browser's tab. */
export const isInstalled = () => matchMedia("(display-mode: standalone)").matches;

/** A first visit downloads nothing for later. */
export function keepForLater() {
  if (isInstalled()) keep();
  addEventListener("appinstalled", keep);
  document.getElementById("meme").addEventListener("load", keep, { once: true });
}
