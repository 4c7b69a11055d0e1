/** The window in which a person makes a link that only shows a meme, copies it and ends it. */

import { shareMeme, unshareMeme } from "./api.js";
import { asFailure, sentenceOf } from "./messages.js";
import { say } from "./words.js";

const element = (id) => document.getElementById(id);
const links = new Map(); // id → the link that this tab has made
let shown = null; // the id of the meme that the window is about

/** Opens the window for the meme of an id. */
export function openSharing(id) {
  shown = id;
  draw();
  element("sharing").showModal();
}

function draw(key = "") {
  const url = links.get(shown);
  element("share-url-row").hidden = element("copy-link").hidden = element("end-link").hidden = !url;
  element("make-link").hidden = Boolean(url);
  element("share-url").value = url ?? "";
  element("sharing-status").textContent = key && say(key);
  element("sharing-problem").textContent = "";
}

/** Does a step, after which `key` is said; and says in the window if it fails. */
async function run(step, key, next) {
  try {
    await step();
    draw(key);
    if (next) element(next).focus();
  } catch (error) {
    element("sharing-problem").textContent = sentenceOf(asFailure(error));
  }
}

const aWhile = () => new AbortController().signal;

element("make-link").addEventListener("click", () => run(async () => {
  links.set(shown, (await shareMeme(shown, aWhile())).share_url);
}, "link-made", "copy-link"));

element("copy-link").addEventListener("click", () => run(async () => {
  element("share-url").select(); // so that it can be copied by hand where the browser refuses
  await navigator.clipboard.writeText(links.get(shown));
}, "link-copied"));

element("end-link").addEventListener("click", () => run(async () => {
  await unshareMeme(shown, aWhile());
  links.delete(shown);
}, "link-ended", "make-link"));

element("close-sharing").addEventListener("click", () => element("sharing").close());
