/** The finished meme: its picture, what was read in it, its place among the photo's memes, its buttons. */

import { describeReading } from "./messages.js";
import { percent, say } from "./words.js";

const element = (id) => document.getElementById(id);
let shown = null; // {meme, picture, number, count}

/** `meme` is the api's answer, `picture` the Blob; it is the number-th of count memes of its photo. */
export function drawMeme(result) {
  shown = result;
  const { meme, picture } = result;
  const image = element("meme");
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(picture);
  image.width = meme.meme.width;
  image.height = meme.meme.height;
  image.alt = meme.alt_text;
  image.lang = meme.caption.language;
  element("show-faces").hidden = meme.faces.length === 0;
  drawWords();
}

/** The words about the meme in sight, in the page's language. */
export function drawWords() {
  if (!shown) return;
  const { meme, number, count } = shown;
  element("reading").textContent = describeReading(meme.faces);
  element("boxes").replaceChildren(...meme.faces.map((face, index) => box(face, index + 1, meme)));
  element("faces").replaceChildren(...meme.faces.map((face, index) => bars(face, index + 1, meme.faces.length)));
  element("memes").hidden = count === 1;
  element("place").textContent = say("place", { number, count });
  setDisabled(element("earlier"), number === 1);
  setDisabled(element("later"), number === count);
  showFaces();
}

export const picture = () => shown.picture;
export const altText = () => element("meme").alt;

/** A face's box over the picture, in parts of its size so that it goes along when the picture does. */
function box({ box: { left, top, width, height }, expression, confidence }, number, { meme: whole, faces }) {
  const frame = document.createElement("div");
  frame.style.left = `${(left / whole.width) * 100}%`;
  frame.style.top = `${(top / whole.height) * 100}%`;
  frame.style.width = `${(width / whole.width) * 100}%`;
  frame.style.height = `${(height / whole.height) * 100}%`;
  const label = document.createElement("span");
  const detail = words(`${say(expression)} ${percent(confidence)}`);
  if (faces.length > 1) {
    detail.className = "spare"; // which a narrow box leaves to the bars
    label.append(`${number} `);
  }
  label.append(detail);
  // The label stays within the picture: a face at its right has it end with the box, one at its foot has it above.
  label.classList.toggle("to-left", left + width / 2 > whole.width / 2);
  label.classList.toggle("above", top + height > whole.height * 0.9);
  frame.append(label);
  return frame;
}

/** A face's seven expressions, the likeliest first, each with a bar as long as it is likely. */
function bars({ probabilities }, number, count) {
  const face = document.createElement("li");
  if (count > 1) {
    const title = document.createElement("strong");
    title.textContent = say("face", { number });
    face.append(title);
  }
  const rows = document.createElement("ul");
  for (const [name, part] of Object.entries(probabilities).sort(([, a], [, b]) => b - a)) {
    const row = document.createElement("li");
    const bar = document.createElement("span");
    bar.className = "bar";
    const fill = document.createElement("span");
    fill.style.width = `${part * 100}%`;
    bar.append(fill);
    row.append(words(say(name)), bar, words(percent(part)));
    rows.append(row);
  }
  face.append(rows);
  return face;
}

function words(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span;
}

element("show-faces").addEventListener("click", () => {
  const button = element("show-faces");
  button.ariaPressed = button.ariaPressed !== "true";
  showFaces();
});

function showFaces() {
  const hidden = element("show-faces").ariaPressed !== "true" || shown.meme.faces.length === 0;
  element("boxes").hidden = element("faces").hidden = hidden;
}

/** Brings the picture into sight, which the form may have pushed out of it. */
export const reveal = () => element("meme").scrollIntoView({ block: "nearest" });

/** What the form asks of the next meme: options as the api knows them. */
export function readOptions() {
  const [expression, caption] = [element("expression").value, element("caption").value];
  return {
    language: element("language").value,
    style: element("style").value,
    ...(expression && { expression }),
    ...(caption.trim() && { caption }),
  };
}

/** Sets the form. */
export function setOptions({ language, expression = "", style = "auto", caption = "" }) {
  element("language").value = language;
  element("expression").value = expression;
  element("style").value = style;
  element("caption").value = caption;
}

/** Keeps the meme's buttons from being pressed twice. They stay focusable, so that the focus isn't lost. */
export function setBusy(busy) {
  const result = element("result");
  result.ariaBusy = busy;
  for (const button of result.querySelectorAll("button:not(#earlier, #later)")) setDisabled(button, busy);
}

const setDisabled = (button, disabled) => {
  button.ariaDisabled = disabled;
};

/** Whether a press of the button counts. */
export const isDisabled = (button) => button.ariaDisabled === "true"
  || (button.closest("#result") !== null && element("result").ariaBusy === "true");
