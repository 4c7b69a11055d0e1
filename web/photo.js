/** What can be known of a chosen file before it is sent, and the sample. */

import { contract } from "./config.js";
import { Failure } from "./messages.js";

const ENDINGS_OF_TYPE = Object.assign({}, ...contract.file_types.map(({ content_types: types }) => types));
const typeOfEnding = (ending) => Object.keys(ENDINGS_OF_TYPE).find((type) => ENDINGS_OF_TYPE[type].includes(ending));

const endingOf = (file) => file.name.split(".").pop().toLowerCase();

/**
 * The content type to send a file with: the system's word for it, else by its name, since HEIC often comes without.
 *
 * Throws a Failure for a file that can't become a meme: empty, or of a type that isn't read.
 */
export function contentTypeOf(file) {
  if (file.size === 0) throw new Failure("empty-file");
  const type = Object.hasOwn(ENDINGS_OF_TYPE, file.type) ? file.type : typeOfEnding(endingOf(file));
  if (type) return type;
  if (file.type === "" || file.type.startsWith("text/")) throw new Failure("not-an-image");
  throw new Failure("other-format", undefined, { kind: endingOf(file).toUpperCase() });
}

/** Throws a Failure for what the storage won't take. */
export function checkSize({ size }) {
  if (size > contract.limits.photo_bytes) throw new Failure("too-many-bytes");
}

/** The sample as a photo like any other, from the picture on its button: this page may fetch nothing from its site. */
export async function samplePhoto(image) {
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  canvas.getContext("2d").drawImage(image, 0, 0);
  const type = "image/jpeg";
  return new File([await canvas.convertToBlob({ type, quality: 0.92 })], "sample.jpg", { type });
}
