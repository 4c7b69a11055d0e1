// Runs before anything is drawn: a link to a meme doesn't show the start first, and the words of the person's language
// are asked for at once, which saves a slow line a way. In another language than English nothing is drawn until they are
// there, for a moment at least, so that nothing moves when they come.
{
  const LANGUAGES = ["en", "es", "hi", "ja", "te"];
  const page = document.documentElement;
  if (location.hash) page.dataset.opens = "meme";
  let chosen = null; // on this page before
  try {
    chosen = localStorage.getItem("language");
  } catch {
    // This browser lets the page keep nothing.
  }
  const wanted = [chosen, ...navigator.languages].map((tag) => tag?.split("-")[0].toLowerCase());
  const language = wanted.find((tag) => LANGUAGES.includes(tag)) ?? "en";
  page.dataset.prefers = language;
  if (language !== "en") page.dataset.speech = "coming";
  document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href: `words/${language}.js` }));
}
