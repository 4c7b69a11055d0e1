/**
 * What a person wants of a meme: the options that the api gets, and what becomes of them when one is changed.
 *
 * Wishes always name the variant and the captions that were seen, so the same wishes give the same meme again.
 */

import { contract } from "./config.js";

const OWN = "own"; // the id of a person's own text in a report
/** The styles that can move. */
export const MOVING = ["subtitle", "zoom"];
const NAMES_PEOPLE = "labels"; // a style whose words belong to its faces: no other style can keep them, nor it theirs

/** The wishes for a photo's first meme. */
export const firstWishes = (language, style = "auto") => ({ language, style, variant: 0, seen: [] });

/** The wishes that a meme of unknown wishes would have, by its report. */
export function wishesOf({ caption, style }) {
  const kept = caption.id === OWN ? { caption: caption.text } : { caption_id: caption.id };
  return { ...firstWishes(caption.language_asked ?? caption.language, style?.name), ...kept };
}

/** What is sent to the api. */
export const optionsOf = ({ seen, ...rest }) => (seen.length ? { ...rest, seen } : rest);

/** Wishes that can be compared as text. */
export const keyOf = (wishes) => JSON.stringify(Object.entries(wishes).sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * The wishes for `meme` with a change: {style}, {expression}, {face}, {language}, {canvas}, {text_size}, {animate},
 * {caption_id} or {caption}; undefined takes one away. Another style keeps the caption where it can. Another expression, face or
 * language asks for another caption, unless the text is the person's own.
 */
export function changed(wishes, meme, change) {
  const next = { ...wishes, ...change };
  if ("caption_id" in change) delete next.caption;
  if ("caption" in change) delete next.caption_id;
  if ("expression" in change || "face" in change || "language" in change) delete next.caption_id;
  if ("style" in change && next.caption === undefined) {
    const stays = change.style !== NAMES_PEOPLE && meme.style?.name !== NAMES_PEOPLE;
    if (stays) next.caption_id = meme.caption.id;
    else delete next.caption_id;
  }
  if (next.animate && "animate" in change) next.style = meme.style.name;
  if (!MOVING.includes(next.style)) delete next.animate;
  for (const [name, value] of Object.entries(next)) if (value === undefined) delete next[name];
  return next;
}

/** The wishes for captions that weren't shown yet. */
export function withMoreCaptions({ caption, caption_id: _, ...wishes }, meme) {
  const shown = (meme.captions ?? [meme.caption]).map(({ id }) => id).filter((id) => id !== OWN);
  const seen = [...new Set([...wishes.seen.filter((id) => !shown.includes(id)), ...shown])];
  return { ...wishes, seen: seen.slice(-contract.limits.seen_captions) };
}

/** Whether the captions begin again, since all that fit were seen. */
export const beginsAgain = (wishes, meme) => !wishes.caption && !wishes.caption_id && wishes.seen.includes(meme.caption.id);
