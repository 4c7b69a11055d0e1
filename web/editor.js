/** The controls with which a person changes their meme. Each change applies by itself, after a pause. */

import { MOVING } from "./wishes.js";
import { named, say } from "./words.js";

const element = (id) => document.getElementById(id);
const TAP_PAUSE_MS = 120; // several taps in a row make one meme
const TYPING_PAUSE_MS = 1_000;
const OWN = "own";
const EXPRESSIONS = ["happiness", "sadness", "surprise", "anger", "fear", "disgust", "neutral"];

let shown = null; // {meme, wishes}
let isTyped = false; // the text box holds what no meme shows yet

/** Fills the controls and calls onChange(change, pause in ms) for each change, and onMore() for more captions. */
export function listenForChanges(onChange, onMore) {
  const tell = (change) => onChange(change, TAP_PAUSE_MS);
  fill("styles", "style", named("style"), (style) => tell({ style }), (style) => icon(`style-${style}`, 72, 56));
  fill("expressions", "expression", ["", ...EXPRESSIONS], (name) => tell({ expression: name || undefined }), (name) => (
    name ? icon(`expression-${name}`, 24, 24) : ""
  ));
  fill("canvases", "canvas", named("canvas"), (canvas) => tell({ canvas: unless(canvas, "original") }), (canvas) => {
    const shape = document.createElement("i");
    shape.className = `shape ${canvas}`;
    return shape;
  });
  fill("text-sizes", "text_size", named("text_size"), (size) => tell({ text_size: unless(size, "medium") }), () => "");
  fill("animations", "animate", named("animate"), (kind) => tell({ animate: unless(kind, "still") }), () => "");
  element("language").addEventListener("change", () => tell({ language: element("language").value }));
  element("captions").addEventListener("change", (event) => tell({ caption_id: event.target.value }));
  element("more-captions").addEventListener("click", onMore);
  element("editor").addEventListener("submit", (event) => event.preventDefault());
  listenForText(onChange);
}

const unless = (value, usual) => (value === usual ? undefined : value);

function listenForText(onChange) {
  const box = element("caption");
  const tell = (pause) => {
    const caption = box.value.trim();
    if (caption && caption !== shown.meme.caption.text) onChange({ caption }, pause);
  };
  box.addEventListener("input", () => {
    isTyped = true;
    tell(TYPING_PAUSE_MS);
  });
  box.addEventListener("change", () => {
    if (box.value.trim()) tell(0);
    else box.value = shown.meme.caption.text; // there is no meme without words
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) tell(0);
  });
}

/** Fills a group with radio buttons, one a value, each with a picture and words. */
function fill(id, name, values, onChoice, pictureOf) {
  element(id).replaceChildren(...values.map((value) => {
    const key = name === "expression" ? value || "as-read" : `${name} ${value}`;
    const text = document.createElement("span");
    text.dataset.words = key;
    text.textContent = say(key);
    return choice(name, value, pictureOf(value), text);
  }));
  element(id).addEventListener("change", (event) => onChoice(event.target.value));
}

function choice(name, value, ...content) {
  const input = document.createElement("input");
  input.type = "radio";
  input.name = name;
  input.value = value;
  const label = document.createElement("label");
  label.append(input, ...content);
  return label;
}

function icon(name, width, height) {
  const image = new Image(width, height);
  image.loading = "lazy"; // until there is something to edit
  image.alt = "";
  image.addEventListener("error", () => image.remove()); // a style that nobody has drawn yet has its name
  image.src = `icons/${name}.svg`;
  return image;
}

/** Sets all controls to what the meme in sight is: `meme` is the api's answer, `wishes` what it was made by. */
export function draw(meme, wishes) {
  shown = { meme, wishes };
  select("style", meme.style?.name ?? wishes.style);
  select("expression", wishes.expression ?? "");
  select("canvas", wishes.canvas ?? "original");
  select("text_size", wishes.text_size ?? "medium");
  select("animate", wishes.animate ?? "still");
  element("motion").hidden = !MOVING.includes(meme.style?.name);
  element("language").value = wishes.language;
  drawCaptions(meme);
  const box = element("caption");
  if (isTyped && document.activeElement === box && box.value.trim() !== meme.caption.text) return;
  isTyped = false;
  if (box.value.trim() !== meme.caption.text) box.value = meme.caption.text;
  box.lang = meme.caption.language;
}

/** Why the meme has another style than the one that was asked for, if it has; in the page's language. */
export function drawWords() {
  const { name, asked, why } = shown.meme.style ?? {};
  const note = element("style-note");
  note.hidden = !why;
  note.textContent = why ? say(`why ${why}`, { asked: say(`style ${asked}`), style: say(`style ${name}`) }) : "";
}

function select(name, value) {
  for (const input of element("editor").querySelectorAll(`input[name="${name}"]`)) input.checked = input.value === value;
}

/** The captions to choose from. They keep their places as long as they are the same ones. */
function drawCaptions(meme) {
  const offered = (meme.captions ?? [meme.caption]).filter(({ id }) => id !== OWN);
  const cards = element("captions");
  const ids = [...cards.querySelectorAll("input")].map((input) => input.value);
  const isSame = ids.length >= offered.length && offered.every(({ id }) => ids.includes(id));
  if (!isSame) {
    cards.replaceChildren(...offered.map(({ id, text }) => {
      const words = document.createElement("span");
      words.textContent = text;
      words.lang = meme.caption.language;
      return choice("caption", id, words);
    }));
  }
  select("caption", meme.caption.id);
}

/** After a failure all controls stand as the meme in sight is; only words that were typed stay, to be mended. */
export function reset() {
  const box = element("caption");
  const typed = isTyped ? box.value : "";
  draw(shown.meme, shown.wishes);
  if (typed) [box.value, isTyped] = [typed, true];
}
