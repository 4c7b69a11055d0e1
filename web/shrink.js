/** Makes a photo as small as its meme will be: more pixels would only be sent and thrown away. */

import { contract } from "./config.js";

const QUALITY = 0.92; // a JPEG's, at which a second encoding can't be seen

/**
 * A JPEG of the photo, upright, its long side at most a meme's, transparent parts white, with no place and camera
 * data in it. Or the photo as it is: where it is small already, where the copy would be no smaller, or where this
 * browser can't decode it, as most can't HEIC.
 */
export async function shrunk(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return file;
  }
  try {
    const scale = contract.limits.meme_long_side / Math.max(bitmap.width, bitmap.height);
    if (scale >= 1) return file;
    const copy = await jpegOf(bitmap, Math.round(bitmap.width * scale) || 1, Math.round(bitmap.height * scale) || 1);
    return copy.size < file.size ? copy : file;
  } catch {
    return file; // larger than this browser's canvas bears
  } finally {
    bitmap.close();
  }
}

function jpegOf(bitmap, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}
