/** The memes of the photo in sight: those that are here, and the wishes that each was made by. */

import { keyOf, wishesOf } from "./wishes.js";

/** An id is the photo's part and the number of the meme: 0, then 1, 2, … for those made anew. */
export const photoOf = (id) => id.slice(0, id.lastIndexOf("-"));
export const numberOf = (id) => Number(id.slice(id.lastIndexOf("-") + 1));

let photo = null;
let isSent = false; // whether this tab has sent it
let finished = new Map(); // number → {meme, picture, moving, url}
let wishes = {}; // number → wishes

/** Turns to the photo of an id, with the wishes that the history keeps of it. */
export function turnTo(id, kept) {
  if (photo !== photoOf(id)) forget();
  photo = photoOf(id);
  wishes = { ...kept, ...wishes };
}

/** Begins with a photo that this tab sends, and the wishes for its first meme. */
export function begin(id, first) {
  forget();
  photo = photoOf(id);
  isSent = true;
  wishes = { 0: first };
}

export function forget() {
  photo = null;
  isSent = false;
  for (const { url } of finished.values()) URL.revokeObjectURL(url);
  finished = new Map();
  wishes = {};
}

/** Whether this tab has sent the photo of an id. */
export const isOwn = (id) => isSent && photo === photoOf(id);

/**
 * The finished meme of an id, or undefined: the api's answer, its picture, its animation if it has one, and the address
 * on this page of what is shown of these.
 */
export const get = (id) => (photo === photoOf(id) ? finished.get(numberOf(id)) : undefined);

export function add(id, meme, picture, moving) {
  finished.set(numberOf(id), { meme, picture, moving, url: URL.createObjectURL(moving ?? picture) });
}

/** The wishes of all memes, for the history to keep. */
export const allWishes = () => wishes;

/** The wishes that a finished meme was made by. */
export const wishesFor = (id) => wishes[numberOf(id)] ?? wishesOf(get(id).meme);

export function keepWishes(id, made) {
  wishes = { ...wishes, [numberOf(id)]: made };
}

/** The id of the finished meme that was made by the same wishes, or undefined. */
export function madeBy(wanted) {
  const number = [...finished.keys()].find((made) => wishes[made] && keyOf(wishes[made]) === keyOf(wanted));
  return number === undefined ? undefined : `${photo}-${number}`;
}

/** The highest number of a meme that is known of. */
export const lastNumber = (id) => Math.max(numberOf(id), ...finished.keys(), ...Object.keys(wishes).map(Number));
