/** What each failure says, and the way on that it offers. Sentences about a photo's own fault come from the api. */

const FAILURES = {
  "unreachable": ["MemeGen can’t be reached. Check your connection, then try again.", "Try again"],
  "upload-failed": ["The storage did not take the photo, and a fresh upload link did not help. "
    + "Check your connection, then try again.", "Try again"],
  "busy": ["The server is busy. Wait a moment, then try again.", "Try again"],
  "slow": ["The meme isn’t ready after two minutes. It may still come: keep waiting, or try another photo.",
    "Keep waiting"],
  "no-photo": ["There is no photo at this address. Its upload broke off, or it has been deleted. "
    + "Choose the photo again.", "Look again"],
  "meme-unreadable": ["The meme is made, but it can’t be fetched. Try again in a moment.", "Try again"],
  "page-fault": ["Something went wrong in this page. Reload it, then try again.", null],
};

/** A fault that the person is told of: a code for the page, a sentence, and the label of the way on, if any. */
export class Failure extends Error {
  constructor(code, sentence) {
    const [known, wayOn] = FAILURES[code] ?? [FAILURES["page-fault"][0], null];
    super(sentence ?? known);
    this.code = code;
    this.wayOn = wayOn;
  }

  /** Whether the same request may go through a little later. */
  get passes() {
    return this.code === "unreachable" || this.code === "busy";
  }
}

/** Any thrown value as a Failure; one that isn't a Failure yet is a fault of this page, for the console. */
export function asFailure(error) {
  if (error instanceof Failure) return error;
  console.error(error);
  return new Failure("page-fault");
}

/** What was read in the faces of a finished meme, in words. */
export function describeReading(faces) {
  const read = faces.map(({ expression, confidence }) => [expression, `${Math.round(confidence * 100)}% sure`]);
  if (read.length === 0) return "No face found, so the caption would fit anyone.";
  if (read.length === 1) return `Expression read: ${read[0].join(", ")}.`;
  return `Expressions read, largest face first: ${read.map(([name, sure]) => `${name} (${sure})`).join(", ")}.`;
}
