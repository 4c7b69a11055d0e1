/** From a file to an object in the uploads bucket, with real progress. */

import { createUpload, readMeme } from "./api.js";
import { Failure } from "./messages.js";

const PUTS = 2;

/**
 * Sends a photo and resolves to its id once it is in the bucket.
 *
 * A refused upload (an expired link, say) is tried once more with a fresh link. The storage may answer a refusal
 * without CORS headers, which looks like a lost connection here, and an answer can get lost after the photo has
 * arrived: so after any failed PUT the api is asked whether the photo is there.
 *
 * onId(id): a link for that id is there and the sending starts; onProgress(part): 0 to 1 of the bytes are sent.
 */
export async function sendPhoto(file, contentType, { signal, onId, onProgress }) {
  for (let puts = 1; ; puts += 1) {
    const { id, upload } = await createUpload(contentType, file.size, signal);
    onId(id);
    const status = await put(upload, file, signal, onProgress);
    if (isThere(status)) return id;
    const meme = await readMeme(id, signal);
    if (meme.status !== "waiting") return id;
    if (puts === PUTS) throw new Failure("upload-failed");
  }
}

/** 412: the precondition "nothing is there yet" failed, so an earlier try has arrived. */
const isThere = (status) => (status >= 200 && status < 300) || status === 412;

/** Resolves to the HTTP status, 0 when none could be read. XMLHttpRequest, since fetch tells no upload progress. */
function put(upload, file, signal, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(upload.method, upload.url);
    for (const [name, value] of Object.entries(upload.headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded / total));
    request.addEventListener("load", () => resolve(request.status));
    request.addEventListener("error", () => resolve(0));
    request.addEventListener("abort", () => reject(signal.reason));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
