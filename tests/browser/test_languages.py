"""The page's words in the captions' five languages."""

import pytest
import requests
from playwright.sync_api import expect

from memegen.caption.choose import languages, load_pack
from memegen.errors import ErrorCode
from memegen.options import CANVASES, STYLES, TEXT_SIZES
from tests.browser.visitor import WAIT_MS, Held, Visitor, jpeg

READ_WORDS = """async () => {
    const { LANGUAGES } = await import("/words.js");
    const packs = {};
    for (const tag of Object.keys(LANGUAGES)) packs[tag] = (await import(`/words/${tag}.js`)).default;
    return packs;
}"""
CHOOSE_ONCE_LISTED = """tag => {
    const list = document.getElementById("page-language");
    const choose = () => {
        if (![...list.options].some(({ value }) => value === tag)) return setTimeout(choose, 10);
        list.value = tag;
        list.dispatchEvent(new Event("change"));
    };
    choose();
}"""
NAMES = {"en": "English", "es": "Español", "hi": "हिन्दी", "ja": "日本語", "te": "తెలుగు"}
HEADINGS = {
    "en": "A photo goes in, a meme comes out",
    "es": "Entra una foto, sale un meme",
    "hi": "फ़ोटो दीजिए, मीम लीजिए",
    "ja": "写真を入れると、ミームが出てくる",
    "te": "ఫోటో ఇవ్వండి, మీమ్ పొందండి",
}


def blanks(words: str) -> set[str]:
    return {part.split("}")[0] for part in words.split("{")[1:]}


def test_every_language_has_every_word_and_the_same_blanks(visitor):
    packs = visitor.page.evaluate(READ_WORDS)
    assert sorted(packs) == languages()
    english = packs.pop("en")
    for pack in packs.values():
        assert set(pack) == set(english)
        assert all(pack.values())
        for key, words in english.items():
            assert blanks(pack[key]) == blanks(words)
    # The other codes of the api are answers to requests that the page doesn't send.
    codes = {*ErrorCode, "photo-gone", "not-found", "too-many-remixes", "too-many-requests"}
    assert {f"failure {code}" for code in codes} <= set(english)
    asked = visitor.page.evaluate(
        "[...document.querySelectorAll('*')].flatMap(({ dataset }) => "
        "[dataset?.words, dataset?.wordsAlt, dataset?.wordsLabel]).filter(Boolean)"
    )
    assert set(asked) <= set(english)


def test_languages_are_listed_by_their_own_names(visitor):
    options = visitor.page.locator("#page-language option")
    expect(options).to_have_count(len(NAMES))
    listed = options.evaluate_all("options => options.map(({ value, text }) => [value, text])")
    assert dict(listed) == NAMES


def test_a_language_chosen_as_soon_as_it_is_listed_is_spoken(context, stack):
    """However long the page's first words take."""
    visitor = Visitor(context.new_page(), stack)
    page = visitor.page
    words = Held(page, "**/words/en.js")
    page.goto(stack.site_url, wait_until="commit")
    words.arrives()
    page.evaluate(CHOOSE_ONCE_LISTED, "ja")
    page.wait_for_timeout(1000)  # in which a list that doesn't wait for the words is chosen from
    words.let_go()
    expect(page.locator("#start-heading")).to_have_text(HEADINGS["ja"])
    expect(page.locator("#page-language")).to_have_value("ja")


@pytest.mark.parametrize(
    ("group", "choices"), [("style", STYLES), ("canvas", CANVASES), ("text_size", TEXT_SIZES)]
)
def test_all_can_be_chosen_by_their_names_in_the_pages_language(
    visitor, group: str, choices: tuple[str, ...]
):
    names = f"""() => Object.fromEntries([...document.querySelectorAll('input[name={group}]')]
        .map((input) => [input.value, input.parentElement.textContent]))"""
    packs = visitor.page.evaluate(READ_WORDS)
    for language in ("ja", "en"):
        visitor.page.locator("#page-language").select_option(language)
        expect(visitor.page.locator("#start-heading")).to_have_text(HEADINGS[language])
        words = {choice: packs[language][f"{group} {choice}"] for choice in choices}
        assert visitor.page.evaluate(names) == words


def test_expressions_have_the_alt_texts_names(visitor):
    packs = visitor.page.evaluate(READ_WORDS)
    for language in set(languages()) - {"en"}:
        names = load_pack(language).alt_text["expressions"]
        assert {name: packs[language][name] for name in names} == names


@pytest.mark.parametrize(
    ("locale", "language"),
    [("es-MX", "es"), ("hi-IN", "hi"), ("ja-JP", "ja"), ("te-IN", "te"), ("fr-FR", "en"), ("en-GB", "en")],
)
def test_page_speaks_the_browsers_language_where_it_can(chromium, stack, locale: str, language: str):
    context = chromium.new_context(locale=locale)
    page = context.new_page()
    page.goto(stack.site_url)
    expect(page.locator("#start-heading")).to_have_text(HEADINGS[language])
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert page.locator("#page-language").input_value() == language
    expect(page).to_have_title(f"MemeGen: {HEADINGS[language]}")
    context.close()


def test_chosen_language_is_kept_and_nothing_else(visitor):
    visitor.page.get_by_label("Language of this page").select_option("ja")
    expect(visitor.page.locator("#start-heading")).to_have_text(HEADINGS["ja"])
    assert visitor.page.evaluate("({ ...localStorage })") == {"language": "ja"}
    visitor.page.reload()
    expect(visitor.page.locator("#start-heading")).to_have_text(HEADINGS["ja"])


def test_meme_speaks_the_pages_language_and_its_words_change_with_it(chromium, stack):
    context = chromium.new_context(locale="te-IN")
    visitor = Visitor(context.new_page(), stack)
    visitor.visit()
    page = visitor.page
    page.locator("#choose").set_input_files(
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": jpeg(300, 200)}
    )
    expect(page.locator("#result")).to_be_visible(timeout=WAIT_MS)
    meme = requests.get(f"{stack.api_url}/memes/{visitor.id}", timeout=30).json()
    assert meme["caption"]["language"] == "te"
    expect(page.locator("#meme")).to_have_attribute("lang", "te")
    expect(page.locator("#reading")).to_have_text("ముఖం కనిపించలేదు, కాబట్టి క్యాప్షన్ వాతావరణాన్ని బట్టి ఉంటుంది.")
    page.locator("#page-language").select_option("es")
    expect(page.locator("#reading")).to_have_text("No hay ninguna cara, así que el texto va con el ambiente.")
    expect(page.locator("#meme")).to_have_attribute("lang", "te")
    context.close()


def test_errors_of_the_api_are_shown_in_the_pages_language(chromium, stack):
    context = chromium.new_context(locale="es-ES")
    visitor = Visitor(context.new_page(), stack)
    visitor.visit("#nonsense")
    expect(visitor.page.locator("#failure-text")).to_have_text(
        "Esta dirección no es la de ningún meme. Elige una foto."
    )
    visitor.page.locator("#page-language").select_option("hi")
    expect(visitor.page.locator("#failure-text")).to_have_text("यह किसी मीम का पता नहीं है। कोई फ़ोटो चुनें।")
    context.close()


def test_language_that_cannot_be_loaded_is_reported_and_can_be_chosen_again(visitor):
    """The list says what the page speaks. Once another can be loaded, nothing is said to be out of reach."""
    page = visitor.page
    problem, languages_list = page.locator("#problem"), page.locator("#page-language")
    page.route("**/words/ja.js", lambda route: route.abort(), times=1)
    languages_list.select_option("ja")
    expect(problem).to_have_text("MemeGen can’t be reached. Check your connection, then try again.")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(languages_list).to_have_value("en")
    languages_list.select_option("es")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(problem).to_be_empty()


def test_what_is_told_is_told_again_in_another_language(visitor):
    status = f"{visitor.stack.api_url}/memes/*"
    visitor.page.route(status, lambda route: route.fulfill(json={"status": "working"}))
    visitor.choose(jpeg())
    told = visitor.page.locator("#status")
    expect(told).to_have_text("Reading the faces, writing the caption…", timeout=WAIT_MS)
    visitor.page.locator("#page-language").select_option("es")
    expect(told).to_have_text("Leyendo las caras y escribiendo el texto…")
    expect(visitor.page.locator("#work-heading")).to_have_text("Estamos haciendo tu meme")
