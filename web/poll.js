/** Asks the api how far a meme is, ever more seldom, and only while somebody can see the page. */

import { readMeme } from "./api.js";
import { Failure } from "./messages.js";

const FIRST_PAUSE_MS = 100;
const LONGER_EACH_TIME = 1.3;
const LONGEST_PAUSE_MS = 3_000;
const PATIENCE_MS = 120_000;
const ARRIVAL_MS = 6_000; // an uploaded photo is seen at once: one that isn't by then won't come

/**
 * Resolves to the finished meme; onStatus gets every status on the way, "unreachable" and "busy" among them.
 *
 * Throws the report's own sentence for a failed one, "no-photo" when nothing was uploaded, "slow" after two minutes,
 * or what stood in the way until then. A tab that was hidden gets the two minutes anew. Only a photo that this tab has
 * sent (`isOwn`) may still be on its way: another one that isn't there has been deleted, or never was.
 */
export async function finishedMeme(id, { signal, onStatus, isOwn }) {
  let since, pause;
  const startOver = () => ([since, pause] = [performance.now(), FIRST_PAUSE_MS]);
  startOver();
  document.addEventListener("visibilitychange", startOver, { signal });

  for (;;) {
    await visible(signal);
    let unfinished = new Failure("slow");
    try {
      const meme = await readMeme(id, signal);
      if (meme.status === "done") return meme;
      if (meme.status === "failed") throw failureOf(meme.error);
      const isGone = !isOwn || performance.now() - since > ARRIVAL_MS;
      if (meme.status === "waiting" && isGone) throw new Failure("no-photo");
      onStatus(meme.status);
    } catch (failure) {
      if (!failure.passes) throw failure;
      onStatus(failure.code);
      unfinished = failure;
    }
    if (performance.now() - since > PATIENCE_MS) throw unfinished;
    await sleep(pause, signal);
    pause = Math.min(LONGER_EACH_TIME * pause, LONGEST_PAUSE_MS);
  }
}

/** A failed report's error. Its letters are those of a person's own text that no font has. */
const failureOf = ({ code, message, characters: letters }) =>
  (letters ? new Failure("unknown-letters", message, { letters: letters.join(" ") }) : new Failure(code, message));

const sleep = (ms, signal) => until(signal, (wake) => setTimeout(wake, ms));

const visible = (signal) => until(signal, (wake) => {
  if (!document.hidden) return wake();
  document.addEventListener("visibilitychange", () => document.hidden || wake(), { signal });
});

/** A promise that `begin(wake)` lets resolve and that rejects when the signal is aborted. */
function until(signal, begin) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    begin(resolve);
  });
}
