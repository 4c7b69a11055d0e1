/** From a file to an object in the uploads bucket, with real progress. */

import { createUpload, readMeme } from "./api.js";
import { Failure } from "./messages.js";

const PUTS = 2;
const THERE_ALREADY = 412; // the link lets nothing be overwritten
const STALL_MS = 20_000; // without progress for so long, a line is taken for dead

/**
 * Sends a photo and resolves to its id once it is in the bucket.
 *
 * A refused upload (an expired link, say) is tried once more with a fresh link. Why a PUT failed can't be known here:
 * the storage may answer a refusal without CORS headers, which looks like a lost connection, and an answer can get lost
 * after the photo has arrived. So after any failed PUT the api is asked whether the photo is there, and so it is when
 * the person tries again: `earlier` is the id of the try before, if there was one. A PUT that stops on its way, as in a
 * tunnel, is given up after 20 seconds without progress, and counts as failed.
 *
 * onId(id): a link for that id is there and the sending starts; onProgress(part): 0 to 1 of the bytes are sent;
 * onStall(): a PUT was given up.
 */
export async function sendPhoto(photo, contentType, options, { signal, earlier, onId, onProgress, onStall }) {
  if (earlier && await hasArrived(earlier, signal)) return earlier;
  for (let puts = 1; ; puts += 1) {
    const { id, upload } = await createUpload(contentType, photo.size, options, signal);
    onId(id);
    if (await put(upload, photo, signal, onProgress, onStall) || await hasArrived(id, signal)) return id;
    if (puts === PUTS) throw new Failure("upload-failed");
  }
}

const hasArrived = async (id, signal) => (await readMeme(id, signal)).status !== "waiting";

/** Resolves to whether the storage has the photo. XMLHttpRequest, since fetch tells no upload progress. */
function put(upload, photo, signal, onProgress, onStall) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(upload.method, upload.url);
    for (const [name, value] of Object.entries(upload.headers)) request.setRequestHeader(name, value);
    let stall;
    const watch = () => {
      clearTimeout(stall);
      stall = setTimeout(() => {
        onStall();
        request.abort();
      }, STALL_MS);
    };
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      watch();
      onProgress(loaded / total);
    });
    request.addEventListener("load", () => resolve(request.status === 200 || request.status === THERE_ALREADY));
    request.addEventListener("error", () => resolve(false));
    request.addEventListener("abort", () => (signal.aborted ? reject(signal.reason) : resolve(false)));
    request.addEventListener("loadend", () => clearTimeout(stall));
    signal.addEventListener("abort", () => request.abort());
    watch();
    request.send(photo);
  });
}
