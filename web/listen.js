/** What the person does: photos in every way that they come, and buttons. */

import { isDisabled } from "./result.js";
import { say } from "./words.js";

const element = (id) => document.getElementById(id);

/** Calls onFile with the photo that a person chooses, takes, drops anywhere on the page or pastes. */
export function listenForPhotos(onFile) {
  for (const input of [element("choose"), element("camera")]) {
    input.addEventListener("change", () => {
      const [file] = input.files;
      input.value = ""; // the same photo may be chosen again
      if (file) onFile(file);
    });
  }
  listenForDrops(onFile);
  addEventListener("paste", (event) => {
    const [file] = event.clipboardData.files;
    if (!file) return;
    event.preventDefault();
    onFile(file);
  });
}

function listenForDrops(onFile) {
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
    onFile(event.dataTransfer.files[0]);
  });
}

/** Calls the action of the button with each id when it is pressed. */
export function listenForButtons(actions) {
  for (const [id, action] of Object.entries(actions)) {
    const button = element(id);
    button.addEventListener("click", () => isDisabled(button) || action());
  }
}

/** Calls the action when the form is sent, which its policy forbids to go anywhere. */
export function listenForForm(action) {
  element("change").addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isDisabled(element("make"))) action();
  });
}

/** Fills a list of languages, each by its own name. */
export function fillLanguages(id, languages) {
  for (const [tag, name] of Object.entries(languages)) {
    const option = new Option(name, tag);
    option.lang = tag;
    element(id).add(option);
  }
}

/** Fills the list of styles, each by its name in the page's language. */
export function fillStyles(styles) {
  for (const style of styles) {
    const option = new Option(say(`style ${style}`), style);
    option.dataset.words = `style ${style}`; // so that it is said again in another language
    element("style").add(option);
  }
}

/** Sets the list of the page's languages and calls the action with the tag that is chosen. */
export function listenForLanguage(tag, action) {
  const select = element("page-language");
  select.value = tag;
  select.addEventListener("change", () => action(select.value));
}

/** Shows a button only where what it does can be done. */
export function offer(id, possible) {
  element(id).hidden = !possible;
}
