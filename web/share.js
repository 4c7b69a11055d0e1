/** The meme's picture to other programs: the clipboard and the device's share sheet. Never its address. */

import { Failure } from "./messages.js";

const ENDINGS = { "image/gif": "gif", "image/webp": "webp" };

export const canCopy = () => typeof ClipboardItem !== "undefined" && Boolean(navigator.clipboard?.write);
export const canPaste = () => Boolean(navigator.clipboard?.read);

export function canShare() {
  const file = new File([new Uint8Array(1)], "meme.jpg", { type: "image/jpeg" });
  return navigator.canShare?.({ files: [file] }) ?? false;
}

/** Copies a picture, as PNG since clipboards take no JPEG. Call it in a click's own turn: Safari asks for that. */
export async function copyPicture(picture) {
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": pngOf(picture) })]);
  } catch {
    throw new Failure("not-copied");
  }
}

async function pngOf(picture) {
  const bitmap = await createImageBitmap(picture);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/png" });
}

/** Opens the share sheet with the picture alone; a person may close it again. */
export async function sharePicture(picture) {
  try {
    const name = `meme.${ENDINGS[picture.type] ?? "jpg"}`;
    await navigator.share({ files: [new File([picture], name, { type: picture.type || "image/jpeg" })] });
  } catch (error) {
    if (error.name !== "AbortError") throw new Failure("not-shared");
  }
}

/** The first picture in the clipboard, as a photo. */
export async function pastedPhoto() {
  const items = await navigator.clipboard.read().catch(() => []);
  for (const item of items) {
    const type = item.types.find((name) => name.startsWith("image/"));
    if (type) return new File([await item.getType(type)], `pasted.${type.slice(6)}`, { type });
  }
  throw new Failure("nothing-to-paste");
}
