/** What was read in the faces of a meme, in words. */

import { list, number, percent, say } from "./words.js";

/**
 * Below this confidence the person is asked. There the second class is right in one of five readings or more, and above
 * it in one of six or fewer (the model card has the table).
 */
const SURE = 0.65;

/** The faces' places from the left, 1 for the leftmost, in the order of the report. */
export function placesFromLeft(faces) {
  const middle = ({ box }) => box.left + box.width / 2;
  const order = [...faces].sort((a, b) => middle(a) - middle(b));
  return faces.map((face) => order.indexOf(face) + 1);
}

/** The face that the words are about: the one that was chosen, or the only one; else undefined. */
export const faceInQuestion = (faces, chosen) => faces[chosen ?? (faces.length === 1 ? 0 : -1)];

/** The two likeliest expressions of the face in question where the reading is a guess, each {name, part}; else none. */
export function guesses(faces, chosen) {
  const face = faceInQuestion(faces, chosen);
  if (!face || face.confidence >= SURE) return [];
  return ranked(face).slice(0, 2);
}

/** A face's expressions, the likeliest first, each {name, part} with part from 0 to 1. */
export const ranked = ({ probabilities }) => Object.entries(probabilities)
  .map(([name, part]) => ({ name, part }))
  .sort((a, b) => b.part - a.part);

/** A sentence about the faces. `chosen`: the face that the meme is about, if one was chosen; `forced`: an expression. */
export function describe(faces, { chosen, forced } = {}) {
  const face = faceInQuestion(faces, chosen);
  const read = face ? describeOne(face) : describeAll(faces);
  return forced ? say("read-and-forced", { read, expression: say(forced) }) : read;
}

function describeOne({ expression, confidence, probabilities }) {
  if (confidence >= SURE) return say("one-face", { expression: say(expression), percent: percent(confidence) });
  const [first, second] = ranked({ probabilities });
  return say("one-face-guess", { first: say(first.name), second: say(second.name) });
}

function describeAll(faces) {
  if (faces.length === 0) return say("no-face");
  const counts = new Map();
  for (const { expression } of faces) counts.set(expression, (counts.get(expression) ?? 0) + 1);
  const parts = [...counts].sort(([, a], [, b]) => b - a)
    .map(([name, count]) => say("faces-alike", { count: number(count), expression: say(name) }));
  return say("several-faces", { count: number(faces.length), list: list(parts) });
}
