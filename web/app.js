/**
 * The way of a photo through the page: chosen, sent, waited for, shown, made anew.
 *
 * The meme's id stands in the address's fragment and nowhere else: a reload goes on with it, and the browser's Back
 * leads to the meme before. Beside it, in the history's state, stand the wishes that the photo's memes were made by.
 */

import * as album from "./album.js";
import { animationOf, deleteMeme, fetchPicture, readMeme, remixMeme } from "./api.js";
import * as editor from "./editor.js";
import * as listen from "./listen.js";
import { asFailure, Failure } from "./messages.js";
import { keepForLater } from "./offline.js";
import { checkSize, contentTypeOf } from "./photo.js";
import { finishedMeme } from "./poll.js";
import * as result from "./result.js";
import { canCopy, canPaste, canShare, copyPicture, pastedPhoto, sharePicture } from "./share.js";
import { shrunk } from "./shrink.js";
import { drawPictures, fillSamples, samplePhoto } from "./start.js";
import { sendPhoto } from "./upload.js";
import * as view from "./view.js";
import { beginsAgain, changed, firstWishes, optionsOf, withMoreCaptions } from "./wishes.js";
import { keepLanguage, LANGUAGES, pageLanguage, preferredLanguage, say, speak } from "./words.js";

let running = new AbortController(); // the step that fills the page
let making = new AbortController(); // the next meme, while one is in sight
let wanted = null; // the wishes that it is made by
let pause;
let isDeleting = false;
let tryAgain = null;
let redraw = () => {}; // says the present state's words again, in another language

/** Loaded once it is used, so that a first visit is light. */
const recent = () => import("./recent.js");

function mayHaveRecent() {
  try {
    return localStorage.getItem("recent-memes") !== null;
  } catch {
    return false; // the browser lets the page keep nothing
  }
}

const currentId = () => location.hash.slice(1);
const address = (id) => (id ? `#${id}` : location.pathname);
const state = (id) => (id ? { wishes: album.allWishes() } : null);
const push = (id) => history.pushState(state(id), "", address(id));
const replace = (id) => history.replaceState(state(id), "", address(id));

/** Runs a step in place of what ran before, and shows how it failed, with `again` as the way on. */
async function run(step, again) {
  stop();
  const { signal } = running;
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

function stop() {
  running.abort();
  running = new AbortController();
  stopMaking();
  redraw = () => {};
}

/** Sends a photo and goes on to its meme, at an address of its own; a further try keeps to that one. */
function makeMeme(file, { style, note, isFurtherTry = false } = {}) {
  run(async (signal) => {
    const earlier = isFurtherTry ? currentId() : "";
    if (!isFurtherTry) push("");
    view.showPreparing();
    const contentType = await contentTypeOf(file);
    const photo = await shrunk(file);
    checkSize(photo);
    signal.throwIfAborted();
    view.showSending(photo);
    const wishes = firstWishes(pageLanguage(), style);
    const id = await sendPhoto(photo, photo === file ? contentType : photo.type, optionsOf(wishes), {
      signal,
      earlier,
      onId: (newId) => {
        album.begin(newId, wishes);
        replace(newId);
      },
      onProgress: view.showProgress,
      onStall: () => view.tellStatus("unreachable"),
    });
    replace(id);
    followMeme(note ?? (contentType === "image/gif" ? { key: "first-frame" } : undefined));
  }, () => makeMeme(file, { style, note, isFurtherTry: true }));
}

/** Waits for the meme of the address and shows it, with a note on it if there is one. */
function followMeme(note) {
  run(async (signal) => {
    const id = currentId();
    album.turnTo(id, history.state?.wishes);
    if (!album.get(id)) view.showWaiting();
    await finish(id, { signal, onStatus: view.tellStatus, isOwn: album.isOwn(id) });
    showMeme();
    if (note) view.tellNews(note.key, note.values);
    else view.announce("ready", { alt: result.altText() });
  }, followMeme);
}

/** Resolves once the meme is made and its picture here, ready to be drawn. */
async function finish(id, { signal, onStatus = () => {}, isOwn = true }) {
  if (album.get(id)) return;
  const meme = await finishedMeme(id, { signal, onStatus, isOwn });
  const animation = animationOf(meme);
  const [picture, moving] = await Promise.all([
    fetchPicture(meme.view_url, signal),
    animation && fetchPicture(animation.view_url, signal),
  ]);
  album.add(id, meme, picture, moving);
  const image = new Image();
  image.src = album.get(id).url;
  await image.decode().catch(() => {}); // the page then shows what it can of it
  signal.throwIfAborted();
}

/** Shows the meme of the address, which is finished. */
function showMeme() {
  const id = currentId();
  const { meme, url } = album.get(id);
  const [number, count] = [album.numberOf(id) + 1, album.lastNumber(id) + 1];
  const wishes = album.wishesFor(id);
  result.drawMeme({ meme, url, wishes, number, count }, album.isOwn(id) ? view.photoUrl() : null);
  editor.draw(meme, wishes);
  redraw = () => {
    result.drawWords();
    editor.drawWords();
  };
  editor.drawWords();
  view.show("result");
  recent().then(({ remember }) => remember(id));
}

/** Takes a change of the wishes; the meme is made anew once no other change has come for so many milliseconds. */
function wish(change, ms) {
  const id = currentId();
  wanted = changed(wanted ?? album.wishesFor(id), album.get(id).meme, change);
  remixAfter(ms);
}

function wishMoreCaptions() {
  const id = currentId();
  wanted = withMoreCaptions(wanted ?? album.wishesFor(id), album.get(id).meme);
  remixAfter(0);
}

function remixAfter(ms) {
  const wishes = wanted;
  stopMaking();
  if (isDeleting) return;
  wanted = wishes;
  making = new AbortController();
  result.setBusy(true);
  pause = setTimeout(remix, ms);
}

function stopMaking() {
  clearTimeout(pause);
  making.abort();
  wanted = null;
  result.setBusy(false);
}

/** Another meme of the same photo, unless there is one by the same wishes. The one in sight stays until then. */
async function remix() {
  const [wishes, { signal }] = [wanted, making];
  view.announce("making");
  try {
    const id = album.madeBy(wishes) ?? (await remixMeme(currentId(), optionsOf(wishes), signal)).id;
    album.keepWishes(id, wishes);
    await finish(id, { signal });
    stopMaking();
    const again = beginsAgain(wishes, album.get(id).meme);
    if (again) album.keepWishes(id, { ...wishes, seen: [] });
    if (id !== currentId()) push(id);
    showMeme();
    if (again) view.tellNews("captions-again");
    else view.announce("next-ready", { alt: result.altText() });
  } catch (error) {
    if (signal.aborted) return;
    stopMaking();
    editor.reset();
    view.showProblem(asFailure(error));
  }
}

/** Shows the nearest meme before (-1) or after (1) the one in sight that didn't fail. */
function turnTo(direction) {
  besideMeme(async (signal) => {
    const [photo, last] = [album.photoOf(currentId()), album.lastNumber(currentId())];
    for (let n = album.numberOf(currentId()) + direction; n >= 0 && n <= last; n += direction) {
      const id = `${photo}-${n}`;
      try {
        await finish(id, { signal });
      } catch (error) {
        if (!(error instanceof Failure) || error.passes) throw error;
        continue;
      }
      push(id);
      showMeme();
      view.announce("place-said", { number: n + 1, count: last + 1, alt: result.altText() });
      return;
    }
  });
}

/** Downloads what `choose` takes of the meme. With a fresh link each time, since one is good for ten minutes only. */
function download(choose) {
  besideMeme(async (signal) => {
    const meme = await readMeme(currentId(), signal);
    if (meme.status !== "done") throw new Failure("no-photo");
    location.assign(choose(meme).download_url);
  });
}

/** The device's own share sheet where it takes pictures, else a link. */
function share() {
  if (!canShare()) return shareLink();
  const { picture, moving } = album.get(currentId());
  besideMeme(() => sharePicture(moving ?? picture));
}

/** The window for links, whose code comes only now. */
async function shareLink() {
  const { openSharing } = await import("./sharing.js");
  openSharing(currentId());
}

function copy() {
  besideMeme(async () => {
    await copyPicture(album.get(currentId()).picture);
    view.tellNews("copied");
  });
}

/** Does something with the meme in sight, which stays there if it fails. */
async function besideMeme(step) {
  const { signal } = running;
  stopMaking();
  view.tell();
  try {
    await step(signal);
  } catch (error) {
    if (!signal.aborted) view.showProblem(asFailure(error));
  }
}

/** Deletes the photo and its memes, to the end also if the person presses Back meanwhile. */
async function deleteAll() {
  view.tell();
  if (!await view.confirmDeletion()) return;
  const id = currentId();
  stopMaking();
  isDeleting = true;
  view.tell("deleting");
  try {
    await deleteMeme(id, new AbortController().signal);
    (await recent()).forget(id);
    startOver(replace);
    view.tellNews("deleted");
  } catch (error) {
    if (currentId() !== id) push(id);
    view.showProblem(asFailure(error));
  }
  isDeleting = false;
}

/** Takes the first of some files. */
function takeFiles([file, ...others]) {
  makeMeme(file, { note: others.length ? { key: "first-of-several", values: { count: others.length + 1 } } : undefined });
}

/** Takes a photo that the page has to get first. */
async function take(getPhoto, style) {
  try {
    makeMeme(await getPhoto(), { style });
  } catch (error) {
    view.showProblem(asFailure(error));
  }
}

/** Ends the sending or the waiting. What has arrived of the photo is deleted. */
async function cancel() {
  const id = currentId();
  startOver(replace);
  view.tellNews("cancelled");
  if (!id) return;
  const { signal } = running;
  try {
    await deleteMeme(id, signal);
    (await recent()).forget(id);
    if (!signal.aborted) view.tellNews("cancelled-and-deleted");
  } catch {
    // The buckets' own rules delete it, as the page says below.
  }
}

async function changeLanguage(tag) {
  try {
    await speak(tag);
  } catch {
    listen.showLanguage(pageLanguage());
    view.showProblem(new Failure("unreachable")); // the words are a file of the site
    return;
  }
  keepLanguage(tag);
  drawPictures();
  view.tellReached();
  redraw();
}

function startOver(setAddress) {
  stop();
  album.forget();
  result.clear();
  setAddress("");
  view.showPhoto(null);
  view.show("start");
}

/** Shows what the address says. */
function open() {
  if (isDeleting) return;
  const id = currentId();
  if (!id) return startOver(replace);
  if (!album.isOwn(id)) view.showPhoto(null);
  followMeme();
}

fillSamples((photo, style) => take(() => samplePhoto(photo), style));
await speak(preferredLanguage()).catch(() => speak("en"));
// In one go with the listeners below: no language can be chosen before the page hears of it.
listen.fillLanguages("page-language", LANGUAGES);
listen.fillLanguages("language", LANGUAGES);
listen.showLanguage(pageLanguage());
editor.listenForChanges(wish, wishMoreCaptions);
result.listenForReadings((face) => wish({ face }, 0), (expression) => wish({ expression }, 0));
listen.offer("paste", canPaste());
listen.offer("copy", canCopy());
listen.listenForLanguage(changeLanguage);
listen.listenForPhotos(takeFiles);
listen.listenForButtons({
  "paste": () => take(pastedPhoto),
  "cancel": cancel,
  "download": () => download((meme) => meme),
  "download-moving": () => download(animationOf),
  "share": share,
  "link": shareLink,
  "copy": copy,
  "earlier": () => turnTo(-1),
  "later": () => turnTo(1),
  "delete": deleteAll,
  "again": () => tryAgain(),
});
addEventListener("popstate", open);
drawPictures();
keepForLater();
if (mayHaveRecent()) recent();
else document.getElementById("recent").addEventListener("change", recent, { once: true });
if (location.search === "?received") {
  const { offerReceivedPhoto } = await import("./received.js");
  offerReceivedPhoto((photo) => makeMeme(photo));
}
open();
