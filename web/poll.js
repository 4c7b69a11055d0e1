/** Asks the api how far a meme is, ever more seldom, and only while somebody can see the page. */

import { readMeme } from "./api.js";
import { Failure } from "./messages.js";

const FIRST_PAUSE_MS = 150;
const LONGER_EACH_TIME = 1.4;
const LONGEST_PAUSE_MS = 3_000;
const PATIENCE_MS = 120_000;
const ARRIVAL_MS = 6_000; // an uploaded photo is seen at once: one that isn't by then won't come

/**
 * Resolves to the finished meme; onStatus gets every status on the way, "unreachable" and "busy" among them.
 *
 * Throws the report's own sentence for a failed one, "no-photo" when nothing was uploaded, "slow" after two minutes,
 * or what stood in the way until then. A tab that was hidden gets the two minutes anew.
 */
export async function finishedMeme(id, { signal, onStatus }) {
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
      if (meme.status === "failed") throw new Failure(meme.error.code, meme.error.message);
      onStatus(meme.status);
      if (meme.status === "waiting" && performance.now() - since > ARRIVAL_MS) throw new Failure("no-photo");
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
