/** From a file to an object in the uploads bucket, with real progress. */

import { createUpload, readMeme } from "./api.js";
import { Failure } from "./messages.js";

const PUTS = 2;

/**
 * Sends a photo and resolves to its id once it is in the bucket.
 *
 * A refused upload (an expired link, say) is tried once more with a fresh link. Why a PUT failed can't be told here:
 * the storage may answer a refusal without CORS headers, which looks like a lost connection, and an answer can get lost
 * after the photo has arrived. So after any failed PUT the api is asked whether the photo is there.
 *
 * onId(id): a link for that id is there and the sending starts; onProgress(part): 0 to 1 of the bytes are sent.
 */
export async function sendPhoto(file, contentType, { signal, onId, onProgress }) {
  for (let puts = 1; ; puts += 1) {
    const { id, upload } = await createUpload(contentType, file.size, signal);
    onId(id);
    if (await put(upload, file, signal, onProgress)) return id;
    const meme = await readMeme(id, signal);
    if (meme.status !== "waiting") return id;
    if (puts === PUTS) throw new Failure("upload-failed");
  }
}

/** Resolves to whether the storage took the file. XMLHttpRequest, since fetch tells no upload progress. */
function put(upload, file, signal, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(upload.method, upload.url);
    for (const [name, value] of Object.entries(upload.headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded / total));
    request.addEventListener("load", () => resolve(request.status === 200));
    request.addEventListener("error", () => resolve(false));
    request.addEventListener("abort", () => reject(signal.reason));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
