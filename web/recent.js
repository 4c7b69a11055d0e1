/**
 * The memes that this device has shown in the last days, once a person has asked for that. An id is a password, so nothing
 * is kept before, no picture ever, and ids no longer than their memes last.
 */

import { fetchPicture, readMeme } from "./api.js";
import { pageLanguage } from "./words.js";

const KEY = "recent-memes";
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const MOST = 12;

const photoOf = (id) => id.slice(0, id.lastIndexOf("-"));

/** The newest meme first, of each photo the one that was seen last: [{id, at}], or null where nothing is to be kept. */
function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    return kept && kept.filter(({ id, at }) => typeof id === "string" && Date.now() - at < KEPT_MS);
  } catch {
    return null; // the browser lets the page keep nothing, or another program wrote there
  }
}

function write(memes) {
  try {
    if (memes) localStorage.setItem(KEY, JSON.stringify(memes.slice(0, MOST)));
    else localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept, and nothing is.
  }
}

/** Keeps the id of a meme that is in sight, where the person wants that. */
export function remember(id) {
  const kept = read();
  if (!kept) return;
  const at = kept.find((meme) => meme.id === id)?.at ?? Date.now();
  write([{ id, at }, ...kept.filter((meme) => photoOf(meme.id) !== photoOf(id))]);
}

/** Forgets all memes of a photo that was deleted. */
export function forget(id) {
  const kept = read();
  if (kept) write(kept.filter((meme) => photoOf(meme.id) !== photoOf(id)));
}

/** Fills the panel each time that it comes into sight. It may have been switched on before this was loaded. */
function listenForRecent() {
  const panel = document.getElementById("recent");
  const keep = panel.querySelector("input");
  if (keep.checked && !read()) write([]);
  keep.addEventListener("change", () => {
    write(keep.checked ? [] : null);
    draw(panel);
  });
  panel.querySelector("button").addEventListener("click", () => {
    write([]);
    draw(panel);
    keep.focus();
  });
  new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && draw(panel)).observe(panel);
  new MutationObserver(() => draw(panel)).observe(document.documentElement, { attributeFilter: ["lang"] });
}

let drawing = new AbortController();
let drawn = "";

function draw(panel) {
  const kept = read();
  write(kept); // less those whose time is over
  const toDraw = JSON.stringify([kept, pageLanguage()]);
  if (toDraw === drawn) return;
  drawn = toDraw;
  drawing.abort();
  drawing = new AbortController();
  for (const { src } of panel.querySelectorAll("li img")) URL.revokeObjectURL(src);
  panel.querySelector("input").checked = kept !== null;
  panel.querySelector("ul").replaceChildren(...(kept ?? []).map((meme) => itemOf(meme, drawing.signal)));
  panel.querySelector("button").hidden = !kept?.length;
}

/** A link to a meme: its date at once, its picture when that is here. A meme that is gone is forgotten. */
function itemOf({ id, at }, signal) {
  const item = document.createElement("li");
  const link = Object.assign(document.createElement("a"), { href: `#${id}` });
  const when = new Intl.DateTimeFormat(pageLanguage(), {
    month: "short", day: "numeric", hour: "numeric", minute: "2-digit",
  });
  link.textContent = when.format(at);
  item.append(link);
  readMeme(id, signal).then(async (meme) => {
    if (meme.status === "working") return;
    if (meme.status !== "done") {
      forget(id);
      item.remove();
      return;
    }
    const picture = document.createElement("img");
    picture.lang = meme.caption.language;
    picture.alt = meme.alt_text;
    picture.src = URL.createObjectURL(await fetchPicture(meme.view_url, signal));
    link.prepend(picture);
  }).catch(() => {}); // it can be opened all the same, and says what is wrong then
  return item;
}

listenForRecent();
