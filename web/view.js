/** What stands on the page: one section at a time, a status line and a line for problems. */

import { describeReading } from "./messages.js";

const element = (id) => document.getElementById(id);
const SECTIONS = ["start", "work", "result", "failure"].map(element);
const STATUS = {
  waiting: "Waiting for the photo to arrive…",
  working: "The photo is there. Making the meme…",
  unreachable: "MemeGen can’t be reached just now. Still trying…",
  busy: "The server is busy. Still trying…",
};

/** Shows a section and moves the focus to its heading, so that a screen reader reads on from there. */
function show(id) {
  const moved = SECTIONS.some((section) => !section.hidden && section.id !== id);
  for (const section of SECTIONS) section.hidden = section.id !== id;
  say("");
  if (moved) element(`${id}-heading`).focus();
}

/** Puts a sentence into the status line, which screen readers read out. */
export function say(sentence) {
  element("problem").textContent = "";
  if (element("status").textContent !== sentence) element("status").textContent = sentence;
}

export const sayStatus = (status) => say(STATUS[status]);

/** Tells of a failure beside the meme, which stays. */
export function showProblem(failure) {
  say("");
  element("problem").textContent = failure.message;
}

export const showStart = () => show("start");

/** The photo is being sent: its picture, its progress and a way to cancel. */
export function showSending(file) {
  showPhoto(file);
  element("progress").ariaLabel = "Photo sent";
  element("percent").hidden = element("cancel").hidden = false;
  show("work");
  showProgress(0);
}

/** 0 to 1 of the photo's bytes are sent. */
export function showProgress(part) {
  const percent = Math.floor(part * 100);
  element("progress").value = percent;
  element("percent").textContent = `${percent}%`;
  say(part < 1 ? "Sending the photo…" : "Sent. Waiting for the answer…");
}

/** Nothing to do but wait, nobody knows how long. A photo that this page has sent itself stays in sight. */
export function showWaiting() {
  element("progress").removeAttribute("value");
  element("progress").ariaLabel = "Waiting for the meme";
  element("percent").hidden = element("cancel").hidden = true;
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

/** The finished meme: `meme` is the api's answer, `picture` the Blob. */
export function showMeme(meme, picture) {
  const image = element("meme");
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(picture);
  image.width = meme.meme.width;
  image.height = meme.meme.height;
  image.alt = meme.alt_text;
  element("reading").textContent = describeReading(meme.faces);
  show("result");
}

export const sayNextMeme = () => say(`The next meme is ready: ${element("meme").alt}`);

/** Keeps the meme's buttons from being pressed twice. They stay focusable, so that the focus isn't lost. */
export function setBusy(busy) {
  element("result").setAttribute("aria-busy", busy);
  for (const button of element("result").querySelectorAll("button")) button.setAttribute("aria-disabled", busy);
}

export const isBusy = () => element("result").getAttribute("aria-busy") === "true";

/** A failure in place of everything else. */
export function showFailure(failure) {
  element("failure-text").textContent = failure.message;
  element("again").hidden = !failure.wayOn;
  element("again").textContent = failure.wayOn;
  show("failure");
}

/** Calls onFile with the photo that a person chooses, takes or drops anywhere on the page. */
export function listenForPhotos(onFile) {
  for (const input of [element("choose"), element("camera")]) {
    input.addEventListener("change", () => {
      const [file] = input.files;
      input.value = ""; // the same photo may be chosen again
      if (file) onFile(file);
    });
  }
  const hint = element("drop-hint");
  const carriesFiles = (event) => event.dataTransfer.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    hint.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) hint.hidden = true; // the pointer has left the window
  });
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    hint.hidden = true;
    onFile(event.dataTransfer.files[0]);
  });
}

/** Calls the action of the button with each id when it is pressed. */
export function listenForButtons(actions) {
  for (const [id, action] of Object.entries(actions)) {
    element(id).addEventListener("click", () => isBusy() || action());
  }
}
