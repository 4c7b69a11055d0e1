/** The finished meme: its picture, the faces in it, what was read in them, its place among the photo's memes. */

import { animationOf } from "./api.js";
import { describe, faceInQuestion, guesses, placesFromLeft, ranked } from "./reading.js";
import { percent, say } from "./words.js";

const element = (id) => document.getElementById(id);
const REVEAL_MS = 260;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
let shown = null; // {meme, url, number, count, wishes}
let onFace = () => {};
let onExpression = () => {};

/** Calls chooseFace(index or undefined) and chooseExpression(name) when a person does so beside the picture. */
export function listenForReadings(chooseFace, chooseExpression) {
  onFace = chooseFace;
  onExpression = chooseExpression;
}

/**
 * `meme` is the api's answer, `url` its picture's, `wishes` what it was made by; it is the number-th of count memes of
 * its photo. `original`: the photo's own picture as a URL, or null where this tab hasn't got it.
 */
export function drawMeme(result, original) {
  const before = shown?.url ?? original;
  shown = result;
  const { meme, url } = result;
  const [image, frame] = [element("meme"), element("frame")];
  const animation = animationOf(meme);
  const { width, height } = animation ?? meme.meme;
  frame.style.setProperty("--ratio", width / height);
  image.width = width;
  image.height = height;
  element("boxes").hidden = element("download-moving").hidden = true;
  element(animation ? "download-moving" : "boxes").hidden = false; // the faces move too
  if (image.src !== url) {
    image.src = url;
    appear(image, frame, before);
  }
  image.alt = meme.alt_text;
  image.lang = meme.caption.language;
  offerOriginal(original);
  drawWords();
}

/** Nothing is shown any more, so the next meme appears over its own photo. */
export const clear = () => {
  shown = null;
  element("meme").removeAttribute("src");
};

/** Lets the new picture come up over the one before it. */
function appear(image, frame, before) {
  frame.style.backgroundImage = before ? `url("${before}")` : "";
  if (STILL.matches) return;
  image.animate([{ opacity: 0 }, { opacity: 1 }], { duration: REVEAL_MS, easing: "ease-out" });
  frame.animate([{ scale: 0.985 }, { scale: 1.012 }, { scale: 1 }], { duration: REVEAL_MS * 1.5, easing: "ease-out" });
}

function offerOriginal(original) {
  const image = element("original");
  showOriginal(false);
  element("before").hidden = original === null;
  if (original === null) image.removeAttribute("src");
  else if (image.src !== original) image.src = original;
}

function showOriginal(visible) {
  element("before").ariaPressed = visible;
  element("original").hidden = !visible;
}

element("before").addEventListener("click", () => showOriginal(element("original").hidden));
element("original").addEventListener("error", () => {
  element("before").hidden = true; // of a kind that this browser can't show
});

/** The words about the meme in sight, in the page's language. */
export function drawWords() {
  if (!shown) return;
  const { meme: { faces }, wishes, number, count } = shown;
  element("reading").textContent = describe(faces, { chosen: wishes.face, forced: wishes.expression });
  drawGuesses(guesses(faces, wishes.face), wishes.expression);
  const places = placesFromLeft(faces);
  const boxes = faces.map((face, index) => box(face, index, places[index]));
  element("boxes").replaceChildren(...boxes.map((_, place) => boxes[places.indexOf(place + 1)])); // as Tab goes
  element("seen").hidden = faces.length === 0;
  element("bars").replaceChildren(...readings(faces, wishes.face, places));
  element("memes").hidden = count === 1;
  element("place").textContent = say("place", { number, count });
  setDisabled(element("earlier"), number === 1);
  setDisabled(element("later"), number === count);
}

/** The likeliest expressions as chips, of which one tap takes one. */
function drawGuesses(likely, forced) {
  const chips = element("likely");
  chips.hidden = likely.length === 0;
  chips.replaceChildren(...likely.map(({ name, part }) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip";
    chip.ariaPressed = forced === name;
    chip.append(icon(name), words(say(name)), words(percent(part), "quiet"));
    chip.addEventListener("click", () => onExpression(name));
    return chip;
  }));
}

/**
 * A face's box over the picture, in parts of its size so that it goes along when the picture does. Of several faces
 * each is a button that makes the meme about it, and a second press about all of them again.
 */
function box({ box: { left, top, width, height }, expression, confidence }, index, place) {
  const { meme: { meme: whole, faces }, wishes } = shown;
  const frame = document.createElement(faces.length > 1 ? "button" : "div");
  frame.className = "face";
  frame.style.left = `${(left / whole.width) * 100}%`;
  frame.style.top = `${(top / whole.height) * 100}%`;
  frame.style.width = `${(width / whole.width) * 100}%`;
  frame.style.height = `${(height / whole.height) * 100}%`;
  const label = words("", "tag");
  if (faces.length > 1) {
    frame.type = "button";
    frame.ariaPressed = wishes.face === index;
    frame.ariaLabel = say("about-face", { number: place, expression: say(expression) });
    frame.addEventListener("click", () => onFace(wishes.face === index ? undefined : index));
    label.append(`${place} `);
  }
  label.append(icon(expression), words(percent(confidence), "spare")); // which a narrow box leaves to the list
  // The label stays within the picture: a face at its right has it end with the box, one at its foot has it above.
  label.classList.toggle("to-left", left + width / 2 > whole.width / 2);
  label.classList.toggle("above", top + height > whole.height * 0.9);
  frame.append(label);
  return frame;
}

/** The seven expressions of the face in question, else a line for each of several faces, from the left. */
function readings(faces, chosen, places) {
  const face = faceInQuestion(faces, chosen);
  if (face) return [bars(face)];
  const lines = document.createElement("ol");
  for (const index of faces.keys()) {
    const { expression, confidence } = faces[places.indexOf(index + 1)];
    const line = document.createElement("li");
    line.append(icon(expression), words(say("face-line", { expression: say(expression), percent: percent(confidence) })));
    lines.append(line);
  }
  const hint = document.createElement("p");
  hint.className = "small";
  hint.textContent = say("tap-a-face");
  return faces.length ? [lines, hint] : [];
}

/** A face's seven expressions, the likeliest first, each with a bar as long as it is likely. */
function bars(face) {
  const rows = document.createElement("ul");
  for (const { name, part } of ranked(face)) {
    const row = document.createElement("li");
    const bar = words("", "bar");
    const fill = document.createElement("span");
    fill.style.width = `${part * 100}%`;
    bar.append(fill);
    row.append(words(say(name)), bar, words(percent(part)));
    rows.append(row);
  }
  return rows;
}

function icon(expression) {
  const image = new Image(20, 20);
  image.src = `icons/expression-${expression}.svg`;
  image.alt = "";
  return image;
}

function words(text, className = "") {
  const span = document.createElement("span");
  span.textContent = text;
  span.className = className;
  return span;
}

element("seen").addEventListener("toggle", () => {
  element("frame").classList.toggle("boxed", element("seen").open);
});

export const altText = () => element("meme").alt;

/** Whether the next meme is being made. The one in sight stays as it is. */
export function setBusy(busy) {
  element("stage").ariaBusy = busy;
}

function setDisabled(button, disabled) {
  button.ariaDisabled = disabled;
}

/** Whether a press of the button counts. A button that doesn't stays focusable, so that the focus isn't lost. */
export const isDisabled = (button) => button.ariaDisabled === "true";
