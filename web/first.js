// Runs before anything is drawn: a link to a meme doesn't show the start first, and words that are about to be said in
// another language wait a moment for it.
{
  const page = document.documentElement;
  if (location.hash) page.dataset.opens = "meme";
  let language = navigator.language;
  try {
    language = localStorage.getItem("language") ?? language;
  } catch {
    // This browser lets the page keep nothing.
  }
  if (!language.startsWith("en")) page.dataset.speech = "coming";
}
