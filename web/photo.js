/** What can be told of a chosen file before it is sent, and the sample. */

import { Failure } from "./messages.js";

const MAX_BYTES = 20 * 2 ** 20;

const TYPE_OF_ENDING = {
  jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", gif: "image/gif",
  heic: "image/heic", heif: "image/heif", avif: "image/avif", bmp: "image/bmp", tif: "image/tiff", tiff: "image/tiff",
};
const TYPES = new Set(Object.values(TYPE_OF_ENDING));

const endingOf = (file) => file.name.split(".").pop().toLowerCase();

/**
 * The content type to send a file with: the system's word for it, else by its name, since HEIC often comes without.
 *
 * Throws a Failure for a file that can't become a meme: empty, or of a type that isn't read.
 */
export function contentTypeOf(file) {
  if (file.size === 0) throw new Failure("empty-file");
  const type = TYPES.has(file.type) ? file.type : TYPE_OF_ENDING[endingOf(file)];
  if (type) return type;
  if (file.type === "" || file.type.startsWith("text/")) throw new Failure("no-image");
  throw new Failure("other-format", undefined, { kind: endingOf(file).toUpperCase() });
}

/** Throws a Failure for what the storage won't take. */
export function checkSize({ size }) {
  if (size > MAX_BYTES) throw new Failure("too-large");
}

/** The sample as a photo like any other, from the picture on its button: this page may fetch nothing from its site. */
export async function samplePhoto(image) {
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  canvas.getContext("2d").drawImage(image, 0, 0);
  const type = "image/jpeg";
  return new File([await canvas.convertToBlob({ type, quality: 0.92 })], "sample.jpg", { type });
}
