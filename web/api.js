/** The calls of the api. Each throws a Failure that can be shown as it is. */

import { api } from "./config.js";
import { Failure } from "./messages.js";

const LONGEST_ANSWER_MS = 30_000; // a function that starts cold takes some seconds

/** A signed upload URL for a photo and what is asked of its meme: {id, upload: {url, method, headers}}. */
export const createUpload = (contentType, size, options, signal) =>
  call("POST", "/uploads", signal, { content_type: contentType, size, options });

/** How far a meme is: {status, …}; a finished one has its report, `view_url` and `download_url`. */
export const readMeme = (id, signal) => call("GET", `/memes/${encodeURIComponent(id)}`, signal);

/** A finished meme's animation, {type, width, height, view_url, download_url, …}, or undefined. */
export const animationOf = (meme) => meme.outputs?.find(({ type }) => type !== "image/jpeg");

/** A further meme of the same photo, with a caption that it hasn't had yet unless the options hold one: {id}. */
export const remixMeme = (id, options, signal) =>
  call("POST", `/memes/${encodeURIComponent(id)}/remix`, signal, { options });

/** Deletes the photo and everything made from it. */
export const deleteMeme = (id, signal) => call("DELETE", `/memes/${encodeURIComponent(id)}`, signal);

/** A link that only shows the meme: {share_url}. It's the same one each time. */
export const shareMeme = (id, signal) => call("POST", `/memes/${encodeURIComponent(id)}/share`, signal);

/** Ends the link that only shows the meme. */
export const unshareMeme = (id, signal) => call("DELETE", `/memes/${encodeURIComponent(id)}/share`, signal);

/** A picture of the meme, as a Blob. */
export async function fetchPicture(viewUrl, signal) {
  const answer = await request(viewUrl, { signal, cache: "no-store" });
  if (!answer.ok) throw new Failure("meme-unreadable");
  return answer.blob();
}

async function call(method, path, signal, body) {
  const answer = await request(api + path, {
    method,
    signal,
    cache: "no-store",
    ...(body && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
  });
  if (!answer.ok) throw await failureOf(answer);
  return answer.status === 204 ? null : answer.json();
}

async function request(url, { signal, ...options }) {
  const timeout = AbortSignal.timeout(LONGEST_ANSWER_MS);
  try {
    return await fetch(url, { ...options, signal: AbortSignal.any([signal, timeout]) });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Failure("unreachable");
  }
}

/** The api's problem answer (RFC 9457) as a Failure: its own sentence, unless the error is the server's. */
async function failureOf(answer) {
  if (answer.status === 408) return new Failure("unreachable"); // the request took too long on its way
  if (answer.status >= 500) return new Failure("busy");
  const problem = await answer.json().catch(() => ({}));
  if (answer.status === 429 && problem.code !== "too-many-remixes") return new Failure("too-many-requests");
  return new Failure(problem.code, problem.detail);
}
