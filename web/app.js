/**
 * The way of a photo through the page: chosen, sent, waited for, shown.
 *
 * The meme's id stands in the address's fragment and nowhere else: a reload goes on with it, and the browser's Back
 * leads to the meme before.
 */

import { deleteMeme, fetchPicture, readMeme, remixMeme } from "./api.js";
import { asFailure, Failure } from "./messages.js";
import { contentTypeOf } from "./photo.js";
import { finishedMeme } from "./poll.js";
import { sendPhoto } from "./upload.js";
import * as view from "./view.js";

let running = new AbortController();
let tryAgain = null;

const currentId = () => location.hash.slice(1);
const address = (id) => (id ? `#${id}` : location.pathname);
const push = (id) => history.pushState(null, "", address(id));
const replace = (id) => history.replaceState(null, "", address(id));

/** Runs a step in place of what ran before, and shows how it failed, with `again` as the way on. */
async function run(step, again) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  try {
    await step(signal);
  } catch (error) {
    if (signal.aborted) return;
    tryAgain = again;
    view.showFailure(asFailure(error));
  }
}

/** Sends a photo and goes on to its meme, at an address of its own; a further try keeps to that one. */
function makeMeme(file, setAddress = push) {
  run(async (signal) => {
    const contentType = contentTypeOf(file);
    setAddress("");
    view.showSending(file);
    await sendPhoto(file, contentType, { signal, onId: replace, onProgress: view.showProgress });
    followMeme();
  }, () => makeMeme(file, replace));
}

/** Waits for the meme of the address and shows it. */
function followMeme() {
  run(async (signal) => {
    view.showWaiting();
    await showFinished(signal);
  }, followMeme);
}

async function showFinished(signal) {
  const meme = await finishedMeme(currentId(), { signal, onStatus: view.sayStatus });
  view.showMeme(meme, await fetchPicture(meme.view_url, signal));
}

/** Another caption on the same photo. The meme stays in sight until the next one is there. */
function remix() {
  besideMeme("Making another caption…", async (signal) => {
    const next = await remixMeme(currentId(), signal);
    push(next.id);
    await run(async (signal) => {
      await showFinished(signal);
      view.sayNextMeme();
    }, followMeme);
  });
}

/** A fresh download link each time, since one is good for ten minutes only. */
function download() {
  besideMeme("", async (signal) => {
    const meme = await readMeme(currentId(), signal);
    if (meme.status !== "done") throw new Failure("no-photo");
    location.assign(meme.download_url);
  });
}

function deleteAll() {
  besideMeme("Deleting…", async (signal) => {
    await deleteMeme(currentId(), signal);
    startOver(replace);
    view.say("The photo and everything made from it are deleted.");
  });
}

/** Does something for the meme in sight, which stays there if it fails. */
async function besideMeme(sentence, step) {
  const { signal } = running;
  view.setBusy(true);
  view.say(sentence);
  try {
    await step(signal);
  } catch (error) {
    if (!signal.aborted) view.showProblem(asFailure(error));
  }
  view.setBusy(false);
}

function startOver(setAddress) {
  running.abort();
  setAddress("");
  view.showPhoto(null);
  view.showStart();
}

/** Shows what the address says. */
function open() {
  running.abort();
  view.showPhoto(null);
  if (currentId()) followMeme();
  else view.showStart();
}

view.listenForPhotos((file) => makeMeme(file));
view.listenForButtons({
  "cancel": () => {
    startOver(replace);
    view.say("Cancelled.");
  },
  "download": download,
  "another-caption": remix,
  "new-photo": () => startOver(push),
  "delete": deleteAll,
  "again": () => tryAgain(),
  "other-photo": () => startOver(replace),
});
addEventListener("popstate", open);
open();
