/**
 * The way of a photo through the page: chosen, sent, waited for, shown, made anew.
 *
 * The meme's id stands in the address's fragment and nowhere else: a reload goes on with it, and the browser's Back
 * leads to the meme before. Beside it, in the history's state, stands what the form for the next one holds.
 */

import { deleteMeme, fetchPicture, readMeme, remixMeme } from "./api.js";
import * as listen from "./listen.js";
import { asFailure, Failure } from "./messages.js";
import { keepForLater } from "./offline.js";
import { checkSize, contentTypeOf, samplePhoto } from "./photo.js";
import { finishedMeme } from "./poll.js";
import { forget, listenForRecent, remember } from "./recent.js";
import { offerReceivedPhoto } from "./received.js";
import * as result from "./result.js";
import { canCopy, canPaste, canShare, copyPicture, pastedPhoto, sharePicture } from "./share.js";
import { shrunk } from "./shrink.js";
import { sendPhoto } from "./upload.js";
import * as view from "./view.js";
import { keepLanguage, LANGUAGES, named, pageLanguage, preferredLanguage, say, speak } from "./words.js";

let running = new AbortController();
let tryAgain = null;
let redraw = () => {}; // says the present state's words again, in another language
const finished = new Map(); // id → {meme, picture}, of the photo in sight

const currentId = () => location.hash.slice(1);
const address = (id) => (id ? `#${id}` : location.pathname);
const push = (id, options = null) => history.pushState(options, "", address(id));
const replace = (id, options = null) => history.replaceState(options, "", address(id));

/** An id is the photo's part and the number of the meme: 0, then 1, 2, … for those made anew. */
const photoOf = (id) => id.slice(0, id.lastIndexOf("-"));
const numberOf = (id) => Number(id.slice(id.lastIndexOf("-") + 1));

/** Runs a step in place of what ran before, and shows how it failed, with `again` as the way on. */
async function run(step, again) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  redraw = () => {};
  try {
    await step(signal);
  } catch (error) {
    if (signal.aborted) return;
    const failure = asFailure(error);
    tryAgain = again;
    redraw = () => view.showFailure(failure);
    redraw();
  }
}

/** Sends a photo and goes on to its meme, at an address of its own; a further try keeps to that one. */
function makeMeme(file, isFurtherTry = false) {
  run(async (signal) => {
    const contentType = contentTypeOf(file);
    const earlier = isFurtherTry ? currentId() : "";
    if (!isFurtherTry) push("");
    view.showPreparing(file);
    const photo = await shrunk(file, contentType);
    checkSize(photo);
    signal.throwIfAborted();
    view.showSending();
    const options = { language: pageLanguage() };
    const id = await sendPhoto(photo, photo === file ? contentType : photo.type, options, {
      signal, earlier, onId: (newId) => replace(newId, options), onProgress: view.showProgress,
    });
    replace(id, options);
    followMeme();
  }, () => makeMeme(file, true));
}

/** Waits for the meme of the address and shows it. */
function followMeme() {
  run(async (signal) => {
    const id = currentId();
    if (!finished.has(id)) view.showWaiting();
    await finish(id, signal, view.tellStatus);
    showMeme();
    view.announce(say("ready", { alt: result.altText() }));
  }, followMeme);
}

/** Resolves once the meme is made and its picture here. */
async function finish(id, signal, onStatus) {
  if (finished.has(id)) return;
  const meme = await finishedMeme(id, { signal, onStatus });
  const picture = await fetchPicture(meme.view_url, signal);
  if ([...finished.keys()].some((known) => photoOf(known) !== photoOf(id))) finished.clear();
  finished.set(id, { meme, picture });
}

/** Shows the meme of the address, which is finished. */
function showMeme() {
  const id = currentId();
  const { meme, picture } = finished.get(id);
  result.drawMeme({ meme, picture, number: numberOf(id) + 1, count: lastNumber() + 1 });
  result.setOptions(history.state ?? { language: meme.caption.language });
  redraw = result.drawWords;
  view.show("result");
  remember(id);
}

const lastNumber = () => Math.max(numberOf(currentId()), ...[...finished.keys()].map(numberOf));

/**
 * Another meme of the same photo. The one in sight stays until the next is there, and if it can't be made.
 * `wishes` is what the form holds, of which `options` are sent.
 */
function remix(wishes, options = wishes) {
  besideMeme(say("making"), async (signal) => {
    const { id } = await remixMeme(currentId(), options, signal);
    await finish(id, signal, () => {});
    push(id, wishes);
    showMeme();
    result.reveal();
    view.announce(say("next-ready", { alt: result.altText() }));
  });
}

/** Another caption by MemeGen, in the form's language, style and expression. */
function anotherCaption() {
  const wishes = result.readOptions();
  const { caption, ...options } = wishes;
  remix(wishes, options);
}

/** Shows the nearest meme before (-1) or after (1) the one in sight that didn't fail. */
function turnTo(direction) {
  besideMeme("", async (signal) => {
    const [photo, last] = [photoOf(currentId()), lastNumber()];
    for (let n = numberOf(currentId()) + direction; n >= 0 && n <= last; n += direction) {
      const id = `${photo}-${n}`;
      try {
        await finish(id, signal, () => {});
      } catch (error) {
        if (!(error instanceof Failure) || error.passes) throw error;
        continue;
      }
      push(id, history.state);
      showMeme();
      view.announce(say("place-said", { number: n + 1, count: last + 1, alt: result.altText() }));
      return;
    }
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

function copy() {
  besideMeme("", async () => {
    await copyPicture(result.picture());
    view.tell(say("copied"));
  });
}

async function deleteAll() {
  if (!await view.confirmDeletion()) return;
  besideMeme(say("deleting"), async (signal) => {
    await deleteMeme(currentId(), signal);
    forget(currentId());
    startOver(replace);
    view.tell(say("deleted"));
  });
}

/** Does something for the meme in sight, which stays there if it fails. */
async function besideMeme(sentence, step) {
  const { signal } = running;
  result.setBusy(true);
  view.tell(sentence);
  try {
    await step(signal);
  } catch (error) {
    if (!signal.aborted) view.showProblem(asFailure(error));
  }
  result.setBusy(false);
}

/** Takes a photo that the page has to get first. */
async function take(getPhoto) {
  try {
    makeMeme(await getPhoto());
  } catch (error) {
    view.showProblem(asFailure(error));
  }
}

/** Ends the sending or the waiting. What has arrived of the photo is deleted. */
async function cancel() {
  const id = currentId();
  startOver(replace);
  view.tell(say("cancelled"));
  if (!id) return;
  const { signal } = running;
  try {
    await deleteMeme(id, signal);
    forget(id);
    if (!signal.aborted) view.tell(say("cancelled-and-deleted"));
  } catch {
    // The buckets' own rules delete it, as the page says below.
  }
}

async function changeLanguage(tag) {
  try {
    await speak(tag);
  } catch {
    view.showProblem(new Failure("unreachable")); // the words are a file of the site
    return;
  }
  keepLanguage(tag);
  redraw();
}

function startOver(setAddress) {
  running.abort();
  running = new AbortController();
  redraw = () => {};
  finished.clear();
  setAddress("");
  view.showPhoto(null);
  view.showStart();
}

/** Shows what the address says. */
function open() {
  running.abort();
  view.showPhoto(null);
  if (currentId()) followMeme();
  else startOver(replace);
}

listen.fillLanguages("page-language", LANGUAGES);
listen.fillLanguages("language", LANGUAGES);
await speak(preferredLanguage());
listen.fillStyles(named("style"));
listen.offer("paste", canPaste());
listen.offer("copy", canCopy());
listen.offer("share", canShare());
listen.listenForPhotos((file) => makeMeme(file));
listen.listenForForm(() => remix(result.readOptions()));
listen.listenForLanguage(pageLanguage(), changeLanguage);
listen.listenForButtons({
  "paste": () => take(pastedPhoto),
  "sample": () => take(() => samplePhoto(document.querySelector("#sample img"))),
  "cancel": cancel,
  "download": download,
  "share": () => besideMeme("", () => sharePicture(result.picture())),
  "copy": copy,
  "another-caption": anotherCaption,
  "earlier": () => turnTo(-1),
  "later": () => turnTo(1),
  "new-photo": () => startOver(push),
  "delete": deleteAll,
  "again": () => tryAgain(),
  "other-photo": () => startOver(replace),
});
addEventListener("popstate", open);
keepForLater();
listenForRecent();
offerReceivedPhoto((photo) => makeMeme(photo));
open();
