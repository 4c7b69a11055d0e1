/** The start's pictures: what becomes of a photo, and samples to try it with. */

import { Failure } from "./messages.js";
import { say } from "./words.js";

/** Each sample's photo and the style that its meme gets. */
const SAMPLES = [
  { photo: "portrait", style: "zoom" },
  { photo: "couple", style: "labels" },
  { photo: "friend", style: "bubble" },
];

/** Adds a button for each sample, which calls onSample(photo, style). */
export function fillSamples(onSample) {
  for (const { photo, style } of SAMPLES) {
    const picture = new Image();
    picture.alt = "";
    const name = document.createElement("span");
    name.dataset.words = `style ${style}`;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sample";
    button.dataset.style = style;
    button.append(picture, name);
    button.addEventListener("click", () => onSample(photo, style));
    document.getElementById("samples").append(button);
  }
}

/** Shows the pictures with captions in the page's language. */
export function drawPictures() {
  const folder = `samples/${say("pictures")}`;
  const letters = document.getElementById("hero-letters");
  letters.src = `${folder}/hero.webp`;
  letters.hidden = false;
  for (const button of document.querySelectorAll(".sample")) {
    button.querySelector("img").src = `${folder}/${button.dataset.style}.webp`;
  }
}

/** A sample as a photo like any other. */
export async function samplePhoto(name) {
  const file = `${name}.webp`;
  const answer = await fetch(`samples/${file}`).catch(() => null);
  if (!answer?.ok) throw new Failure("unreachable");
  return new File([await answer.blob()], file, { type: "image/webp" });
}
