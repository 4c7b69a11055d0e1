/** What can be told of a chosen file before it is sent, in the very words of the photo reader (memegen/photo.py). */

import { Failure } from "./messages.js";

const MAX_BYTES = 20 * 2 ** 20;
const EXPECTED = "a JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP or TIFF photo";

const TYPE_OF_ENDING = {
  jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", gif: "image/gif",
  heic: "image/heic", heif: "image/heif", avif: "image/avif", bmp: "image/bmp", tif: "image/tiff", tiff: "image/tiff",
};
const TYPES = new Set(Object.values(TYPE_OF_ENDING));

/**
 * The content type to send a file with: the system's word for it, else by its name, since HEIC often comes without.
 *
 * Throws a Failure for a file that can't become a meme: empty, too large, or of a type that isn't read.
 */
export function contentTypeOf(file) {
  const ending = file.name.split(".").pop().toLowerCase();
  const type = TYPES.has(file.type) ? file.type : TYPE_OF_ENDING[ending];
  if (file.size === 0) throw new Failure("not-an-image", `The file is empty. Send ${EXPECTED}.`);
  if (file.size > MAX_BYTES) {
    throw new Failure(
      "too-many-bytes",
      "The photo is larger than 20 MiB, the most that fits. Send a smaller copy of it.",
    );
  }
  if (type) return type;
  if (file.type === "" || file.type.startsWith("text/")) {
    throw new Failure("not-an-image", `This file is no image that MemeGen knows. Send ${EXPECTED}.`);
  }
  throw new Failure(
    "unsupported-format",
    `This is a file of the kind ${ending.toUpperCase()}, which MemeGen can't read. Send ${EXPECTED}.`,
  );
}
