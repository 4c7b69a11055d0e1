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

/** Shows a section and moves the focus to its heading, so that a screen reader reads on from there. */
export function show(id) {
  const moved = SECTIONS.some((section) => !section.hidden && section.id !== id);
  for (const section of SECTIONS) section.hidden = section.id !== id;
  tell("");
  if (moved) element(`${id}-heading`).focus();
}

/** Puts a sentence where it is seen and read out by screen readers. */
export const tell = (sentence) => setStatus(sentence, false);

/** Has a sentence read out that says what can be seen anyway. */
export const announce = (sentence) => setStatus(sentence, true);

function setStatus(sentence, spokenOnly) {
  const status = element("status");
  element("problem").textContent = "";
  status.classList.toggle("spoken", spokenOnly);
  if (status.textContent !== sentence) status.textContent = sentence;
}

export const tellStatus = (status) => tell(say(STATUS[status]));

/** Tells of a failure beside what is in sight, which stays. */
export function showProblem(failure) {
  tell("");
  element("problem").textContent = sentenceOf(failure);
}

export const showStart = () => show("start");

/** The photo is made ready to be sent. */
export function showPreparing(file) {
  showPhoto(file);
  wait();
  tell(say("preparing"));
}

/** The photo is being sent. */
export function showSending() {
  element("progress").ariaLabel = say("photo-sent");
  element("percent").hidden = false;
  element("wake-up").hidden = true;
  showProgress(0);
}

/** 0 to 1 of the photo's bytes are sent. Each quarter is announced, the rest is for the eye. */
export function showProgress(part) {
  const whole = Math.floor(part * 100) / 100;
  element("progress").value = whole * 100;
  element("percent").textContent = percent(whole);
  const quarter = Math.floor(part * QUARTERS) / QUARTERS;
  if (part === 1) tell(say("sent"));
  else tell(quarter === 0 ? say("sending") : say("part-sent", { percent: percent(quarter) }));
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
  element("preview").hidden = file === null;
  photo.hidden = false;
  element("no-preview").hidden = true;
  if (file) photo.src = URL.createObjectURL(file);
  else photo.removeAttribute("src");
}

element("photo").addEventListener("error", () => {
  element("photo").hidden = true;
  element("no-preview").hidden = false;
});

/** A failure in place of everything else. */
export function showFailure(failure) {
  const wayOn = wayOnFrom(failure);
  element("failure-text").textContent = sentenceOf(failure);
  element("again").hidden = !wayOn;
  element("again").textContent = wayOn;
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
