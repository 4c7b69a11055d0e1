/** A photo that another app shared with the installed page. It waits here: nothing is sent before a tap. */

import { isInstalled } from "./offline.js";
import { say } from "./words.js";

const RECEIVED = "received"; // where sw.js put the photo

/** Offers the photo that was just shared, and calls onPhoto with it if the person wants a meme of it. */
export async function offerReceivedPhoto(onPhoto) {
  if (location.search !== "?received") return;
  history.replaceState(history.state, "", location.pathname + location.hash);
  const photo = await takePhoto();
  if (photo && isInstalled()) ask(photo, onPhoto); // what comes in a tab, another site may have sent
}

async function takePhoto() {
  const [kept] = await caches.open(RECEIVED).then((cache) => cache.matchAll());
  const name = decodeURIComponent(kept?.headers.get("X-Name") ?? "");
  const photo = kept && new File([await kept.blob()], name, { type: kept.headers.get("Content-Type") });
  await caches.delete(RECEIVED);
  return photo;
}

function ask(photo, onPhoto) {
  const dialog = document.createElement("dialog");
  dialog.id = "received";
  dialog.setAttribute("aria-labelledby", "received-heading");
  const picture = Object.assign(document.createElement("img"), { alt: say("your-photo"), src: URL.createObjectURL(photo) });
  picture.addEventListener("error", () => picture.remove()); // a kind of photo that the browser can't show
  const buttons = document.createElement("div");
  buttons.className = "buttons";
  buttons.append(button("received-make", "primary"), button("received-discard", ""));
  dialog.append(worded("h2", "received-heading"), picture, worded("p", "received-text"), buttons);
  dialog.addEventListener("close", () => {
    dialog.remove();
    URL.revokeObjectURL(picture.src);
    if (dialog.returnValue === "received-make") onPhoto(photo);
  });
  document.body.append(dialog);
  dialog.showModal();

  function button(words, kind) {
    const made = worded("button", words);
    made.type = "button";
    made.className = kind;
    made.addEventListener("click", () => dialog.close(words));
    return made;
  }
}

/** An element that says its words, also when the page's language changes. */
function worded(tag, words) {
  const made = document.createElement(tag);
  made.id = words;
  made.dataset.words = words;
  made.textContent = say(words);
  return made;
}
