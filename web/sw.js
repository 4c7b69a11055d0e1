/**
 * The service worker: the page without a network, and photos that other apps share with the installed page.
 *
 * A deployment writes `files`, the page's own, and `version`, a hash of them all, in front of this. So it changes with any
 * of them, and browsers take the new one. With a network every file comes from there; what is kept is for when there is
 * none. Nothing else is answered or kept here: no photo that was sent, no meme, no answer of the api.
 */

const SHELL = `shell-${version}`;
const RECEIVED = "received"; // the photo that another app shared, until the page takes it: see received.js
const ROOT = new URL(registration.scope).pathname;

addEventListener("install", (event) => event.waitUntil(keepShell()));
addEventListener("activate", (event) => event.waitUntil(takeOver()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin || !url.pathname.startsWith(ROOT)) return;
  const name = url.pathname.slice(ROOT.length) || "index.html";
  if (request.method === "GET" && files.includes(name)) event.respondWith(fileOf(name, request));
  if (request.method === "POST" && name === "receive") event.respondWith(receive(request));
});

async function keepShell() {
  const shell = await caches.open(SHELL);
  await shell.addAll(files.map((file) => new Request(ROOT + file, { cache: "no-cache" })));
  await skipWaiting();
}

async function takeOver() {
  const others = (await caches.keys()).filter((name) => name !== SHELL && name !== RECEIVED);
  await Promise.all(others.map((name) => caches.delete(name)));
  await clients.claim();
}

async function fileOf(name, request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(ROOT + name, { cacheName: SHELL });
    if (!kept) throw error;
    return kept;
  }
}

/** Keeps the photo of a form that another app sent through the system, and opens the page. */
async function receive(request) {
  if (mayComeFromTheSystem(request)) {
    const photo = (await request.formData().catch(() => new FormData())).get("photo");
    if (photo instanceof File && photo.size > 0) await keepPhoto(photo).catch(() => {}); // no room for it
  }
  return Response.redirect(`${ROOT}index.html?received`, 303);
}

/**
 * Another site's form names its origin, unless that site withholds it; the system has none to name. Sec-Fetch-Site would
 * tell the two apart, but no service worker sees it. So received.js also wants the installed page's own window.
 */
function mayComeFromTheSystem(request) {
  const origin = request.headers.get("Origin");
  return origin === null || origin === "null" || origin === location.origin;
}

async function keepPhoto(photo) {
  const headers = { "Content-Type": photo.type, "X-Name": encodeURIComponent(photo.name) };
  await (await caches.open(RECEIVED)).put(`${ROOT}received`, new Response(photo, { headers }));
}
