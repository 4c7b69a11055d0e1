/** The page's words in the person's language: which one it is, and how they get into the page. */

import { contract, languages } from "./config.js";

/** The tags of the page's languages, each with its own name. */
export const LANGUAGES = Object.fromEntries(languages.map((tag) => [tag, ownName(tag)]));
const CHOICE = "language"; // the one thing that the page keeps, and only once the person has chosen

let language = "en";
let words = {};

/** The tag of the language that the page speaks. */
export const pageLanguage = () => language;

/** The language that the person chose on this page before, else the first of the browser's that the page knows: first.js. */
export const preferredLanguage = () => document.documentElement.dataset.prefers;

/** Keeps a language for the next visit, where the browser lets a page keep something. */
export function keepLanguage(tag) {
  try {
    localStorage.setItem(CHOICE, tag);
  } catch {
    // It then counts for this visit.
  }
}

/** Puts a language's words into every element that names some, and says so in the page's `lang`. Throws without them. */
export async function speak(tag) {
  words = (await import(`./words/${tag}.js`)).default;
  language = tag;
  document.documentElement.lang = tag;
  delete document.documentElement.dataset.speech; // which hid words in another language
  document.title = `MemeGen: ${say("start-heading")}`;
  for (const element of document.querySelectorAll("[data-words]")) {
    element.textContent = say(element.dataset.words);
  }
  for (const image of document.querySelectorAll("[data-words-alt]")) image.alt = say(image.dataset.wordsAlt);
  for (const group of document.querySelectorAll("[data-words-label]")) {
    group.ariaLabel = say(group.dataset.wordsLabel);
  }
}

/** The words of a key. Values, or the contract's limits, are put in where the words have a name in braces. */
export const say = (key, values = {}) =>
  words[key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? LIMITS[name]());

const { limits, file_types: types } = contract;
const LIMITS = {
  kinds: () => new Intl.ListFormat(language, { type: "disjunction" }).format(types.map(({ name }) => name)),
  mebibytes: () => limits.photo_bytes / 2 ** 20,
  megapixels: () => limits.photo_pixels / 10 ** 6,
  characters: () => limits.caption_characters,
  remixes: () => limits.remixes,
  share_days: () => limits.share_days,
};

function ownName(tag) {
  const name = new Intl.DisplayNames(tag, { type: "language" }).of(tag);
  return name[0].toLocaleUpperCase(tag) + name.slice(1);
}

/** What words are there for: the rest of each key that begins with `kind` and a space, in the words' order. */
export const named = (kind) =>
  Object.keys(words).filter((key) => key.startsWith(`${kind} `)).map((key) => key.slice(kind.length + 1));

export const has = (key) => Object.hasOwn(words, key);

export const percent = (part) =>
  new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 }).format(part);

export const number = (count) => new Intl.NumberFormat(language).format(count);

export const list = (items) => new Intl.ListFormat(language, { style: "narrow" }).format(items);
