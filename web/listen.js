/** What the person does: photos in every way that they come, and buttons. */

import { isDisabled } from "./result.js";

const element = (id) => document.getElementById(id);
const INPUTS = ["choose", "camera", "new-photo", "other-photo"];

/**
 * Calls onFiles with the files that a person chooses, takes, drops anywhere on the page or pastes.
 *
 * A file that was chosen before this page's code was there is taken too.
 */
export function listenForPhotos(onFiles) {
  for (const input of INPUTS.map(element)) {
    const take = () => {
      const files = [...input.files];
      input.value = ""; // the same photo may be chosen again
      if (files.length) onFiles(files);
    };
    input.addEventListener("change", take);
    if (input.files.length) queueMicrotask(take);
  }
  listenForDrops(onFiles);
  addEventListener("paste", (event) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    onFiles([...event.clipboardData.files]);
  });
}

function listenForDrops(onFiles) {
  const hint = element("drop-hint");
  const carriesFiles = (event) => event.dataTransfer.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    hint.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) hint.hidden = true; // the pointer has left the window
  });
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    hint.hidden = true;
    onFiles([...event.dataTransfer.files]);
  });
}

/** Calls the action of the button with each id when it is pressed. */
export function listenForButtons(actions) {
  for (const [id, action] of Object.entries(actions)) {
    const button = element(id);
    button.addEventListener("click", () => isDisabled(button) || action());
  }
}

/** Fills a list of languages, each by its own name. */
export function fillLanguages(id, languages) {
  element(id).replaceChildren(...Object.entries(languages).map(([tag, name]) => {
    const option = new Option(name, tag);
    option.lang = tag;
    return option;
  }));
}

/** Calls the action with the tag of the language that is chosen for the page. */
export function listenForLanguage(action) {
  element("page-language").addEventListener("change", () => action(element("page-language").value));
}

/** Shows in the list of the page's languages which one it speaks. */
export function showLanguage(tag) {
  element("page-language").value = tag;
}

/** Shows a button only where what it does can be done. */
export function offer(id, possible) {
  element(id).hidden = !possible;
}
