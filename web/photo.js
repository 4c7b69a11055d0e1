/** What can be known of a chosen file before it is sent. */

import { contract } from "./config.js";
import { Failure } from "./messages.js";

const ENDINGS_OF_TYPE = Object.assign({}, ...contract.file_types.map(({ content_types: types }) => types));
const typeOfEnding = (ending) => Object.keys(ENDINGS_OF_TYPE).find((type) => ENDINGS_OF_TYPE[type].includes(ending));

/** How files begin: each type's bytes as Latin-1 text, a dot for any byte. */
const BEGINNINGS = {
  "image/jpeg": /^\xff\xd8\xff/s,
  "image/png": /^\x89PNG/s,
  "image/gif": /^GIF8/s,
  "image/webp": /^RIFF....WEBP/s,
  "image/bmp": /^BM/s,
  "image/tiff": /^(II\*\0|MM\0\*)/s,
  "image/avif": /^....ftypavi[fs]/s,
  "image/heic": /^....ftyp(hei|hev|mif1|msf1)/s,
};

const endingOf = (file) => file.name.split(".").pop().toLowerCase();

/**
 * The content type to send a file with: the system's word for it, else by its name, since HEIC often comes without,
 * else by how it begins, since names get lost.
 *
 * Throws a Failure for a file that can't become a meme: empty, or of a type that isn't read.
 */
export async function contentTypeOf(file) {
  if (file.size === 0) throw new Failure("empty-file");
  if (Object.hasOwn(ENDINGS_OF_TYPE, file.type)) return file.type;
  const type = typeOfEnding(endingOf(file)) ?? await typeOfBeginning(file);
  if (type) return type;
  if (file.type === "" || file.type.startsWith("text/")) throw new Failure("not-an-image");
  throw new Failure("other-format", undefined, { kind: endingOf(file).toUpperCase() });
}

async function typeOfBeginning(file) {
  const bytes = new Uint8Array(await file.slice(0, 16).arrayBuffer());
  const beginning = String.fromCharCode(...bytes);
  return Object.keys(BEGINNINGS).find((type) => BEGINNINGS[type].test(beginning));
}

/** Throws a Failure for what the storage won't take. */
export function checkSize({ size }) {
  if (size > contract.limits.photo_bytes) throw new Failure("too-many-bytes");
}
