/** What stands on the page: one section at a time, a line that tells how it goes and a line for problems. */

import { sentenceOf, wayOnFrom } from "./messages.js";
import { percent, say } from "./words.js";

const element = (id) => document.getElementById(id);
const SECTIONS = ["start", "work", "result", "failure"].map(element);
const STATUS = {
  "waiting": "waiting",
  "working": "working",
  "unreachable": "still-unreachable",
  "busy": "still-busy",
  "too-many-requests": "still-too-many",
};
const QUARTERS = 4;
const NEWS_MS = 6_000; // how long a line stays that tells of something done
const LONG_MS = 2_500; // getting a photo ready takes longer only for a very large one
let leaving;
let told = {}; // {key, values, isSpokenOnly}
let problem = null;

/** Shows a section and moves the focus to its heading, so that a screen reader reads on from there. */
export function show(id) {
  const moved = SECTIONS.some((section) => !section.hidden && section.id !== id);
  for (const section of SECTIONS) section.hidden = section.id !== id;
  document.body.dataset.section = id;
  delete document.documentElement.dataset.opens; // from here on the section says what is seen
  tell();
  if (moved) element(`${id}-heading`).focus({ preventScroll: true });
  if (moved) scrollTo(0, 0);
}

/** Puts the words of a key where they are seen and read out by screen readers; without a key, none. */
export const tell = (key, values) => setStatus({ key, values, isSpokenOnly: false });

/** Tells of something that is done; the line leaves by itself. */
export function tellNews(key, values) {
  tell(key, values);
  leaving = setTimeout(tell, NEWS_MS);
}

/** Has words read out that say what can be seen anyway. */
export const announce = (key, values) => setStatus({ key, values, isSpokenOnly: true });

function setStatus(next) {
  clearTimeout(leaving);
  [told, problem] = [next, null];
  drawWords();
}

export const tellStatus = (status) => tell(STATUS[status]);

/** Tells of a failure beside what is in sight, which stays. */
export function showProblem(failure) {
  tell();
  problem = failure;
  drawWords();
}

/** The network is there after all: what was told of it is no longer true. */
export function tellReached() {
  if (problem?.code === "unreachable") problem = null;
  drawWords();
}

/** Says what is told in the page's language. */
export function drawWords() {
  const sentence = told.key ? say(told.key, told.values) : "";
  const status = element("status");
  status.classList.toggle("spoken", told.isSpokenOnly);
  if (status.textContent !== sentence) status.textContent = sentence;
  const trouble = problem ? sentenceOf(problem) : "";
  if (element("problem").textContent !== trouble) element("problem").textContent = trouble;
}

/** The photo is made ready to be sent. It isn't shown yet: decoding a very large one twice at once takes thrice as long. */
export function showPreparing() {
  showPhoto(null);
  wait();
  tell("preparing");
  leaving = setTimeout(tell, LONG_MS, "preparing-long");
}

/** The photo is being sent. */
export function showSending(photo) {
  showPhoto(photo);
  element("progress").ariaLabel = say("photo-sent");
  element("percent").hidden = false;
  element("wake-up").hidden = true;
  showProgress(0);
}

/** 0 to 1 of the photo's bytes are sent. The bar says it to the eye, each quarter is read out. */
export function showProgress(part) {
  const whole = Math.floor(part * 100) / 100;
  element("progress").value = whole * 100;
  element("percent").textContent = percent(whole);
  const quarter = Math.floor(part * QUARTERS) / QUARTERS;
  if (part === 1) tell("sent");
  else if (quarter === 0) tell("sending");
  else announce("part-sent", { percent: percent(quarter) });
}

/** Nothing to do but wait, nobody knows how long. A photo that this page has sent itself stays in sight. */
export function showWaiting() {
  wait();
  element("wake-up").hidden = false;
}

function wait() {
  element("progress").removeAttribute("value");
  element("progress").ariaLabel = say("meme-awaited");
  element("percent").hidden = element("wake-up").hidden = true;
  show("work");
}

/** The photo's own picture, or a line in its place where the browser can't decode it; null takes it away. */
export function showPhoto(file) {
  const photo = element("photo");
  URL.revokeObjectURL(photo.src);
  element("preview").classList.toggle("empty", file === null);
  photo.hidden = file === null;
  element("no-preview").hidden = true;
  if (file) photo.src = URL.createObjectURL(file);
  else photo.removeAttribute("src");
}

/** The address of the photo's own picture, or null where there is none to be seen. */
export const photoUrl = () => (element("photo").hidden ? null : element("photo").src);

element("photo").addEventListener("error", () => {
  element("photo").hidden = true;
  element("no-preview").hidden = false;
});

/** A failure in place of everything else. The way on is the same step again, or else another photo. */
export function showFailure(failure) {
  const wayOn = wayOnFrom(failure);
  element("failure-text").textContent = sentenceOf(failure);
  element("again").hidden = !wayOn;
  element("again").textContent = wayOn;
  element("other-photo").parentElement.classList.toggle("primary", !wayOn);
  show("failure");
}

/** Resolves to whether the person wants to delete. */
export function confirmDeletion() {
  const dialog = element("confirm");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "delete"), { once: true });
  });
}

element("confirm-delete").addEventListener("click", () => element("confirm").close("delete"));
element("keep").addEventListener("click", () => element("confirm").close());
