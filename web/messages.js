/** Failures: each has a sentence that says what to do next, and most a way on. */

import { has, say } from "./words.js";

const WAY_ON = {
  "unreachable": "try-again",
  "upload-failed": "try-again",
  "busy": "try-again",
  "too-many-requests": "try-again",
  "slow": "keep-waiting",
  "meme-unreadable": "try-again",
};

/** An error that is shown to the person: a code, the api's own sentence if it has one, values for the page's. */
export class Failure extends Error {
  constructor(code, sentence, values) {
    super(sentence ?? code);
    this.code = code;
    this.sentence = sentence;
    this.values = values;
  }

  /** Whether the same request may go through a little later. */
  get passes() {
    return ["unreachable", "busy", "too-many-requests"].includes(this.code);
  }
}

/** What a failure says in the page's language, or the api's own English sentence for a code without words. */
export function sentenceOf({ code, sentence, values }) {
  if (has(`failure ${code}`)) return say(`failure ${code}`, values);
  return sentence ?? say("failure page-fault");
}

/** The label of the way on from a failure, or null where the same again would not help. */
export const wayOnFrom = ({ code }) => (WAY_ON[code] ? say(WAY_ON[code]) : null);

/** Any thrown value as a Failure; one that isn't a Failure yet is an error of this page, for the console. */
export function asFailure(error) {
  if (error instanceof Failure) return error;
  console.error(error);
  return new Failure("page-fault");
}
