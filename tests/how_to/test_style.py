"""docs/how-to/style.md, done in a copy."""

import json
from pathlib import Path

import pytest
from PIL import Image

from memegen.caption.choose import languages
from tests.how_to.copied import ROOT, Copy, code_blocks
from tests.unit.test_page_words import named

MODULE = "functions/memegen/layout/styles/footer.py"

# What the api says of an option: prints the answer's code and sentence, or the options that it takes.
API = """
import sys
from cloud.inputs import read_options
from cloud.problems import Problem
for style in sys.argv[1:]:
    try:
        print(read_options({"options": {"style": style}}))
    except Problem as problem:
        print(problem.code, problem.detail)
"""


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A copy with the page's module and words in it."""
    copy = Copy(tmp_path, "functions", "web")
    (module,), (words,) = code_blocks("style.md", "python"), code_blocks("style.md", "js")
    (tmp_path / MODULE).write_text(module)
    for language in languages():
        copy.insert(f"web/words/{language}.js", '"style ', words.strip())
    return copy


def test_a_style_is_one_file_and_its_words(copy: Copy):
    assert copy.changed() == {MODULE, *(f"web/words/{language}.js" for language in languages())}


def test_the_command_and_the_api_know_the_added_style(copy: Copy):
    styles = ["auto", "classic", "bar", "bubble", "footer", "labels", "subtitle", "zoom"]
    assert copy.run("-m", "memegen", "--styles").split() == styles
    taken, refused = copy.run("-c", API, "footer", "cubist").splitlines()
    assert taken == "{'style': 'footer'}"
    assert refused.startswith("bad-option")
    assert refused.endswith("it must be one of auto, classic, bar, bubble, footer, labels, subtitle, zoom.")


def test_the_page_has_the_added_style_below_the_others_in_every_language(copy: Copy):
    for language in languages():
        found = named(language, "style", copy.place / "web" / "words")
        assert found == ["classic", "bar", "bubble", "labels", "subtitle", "zoom", "footer"]


def test_a_meme_comes_out_in_the_added_style(copy: Copy):
    photo = str(ROOT / "web" / "sample.jpg")
    options = ("--caption", "One\nTwo", "--style", "footer")
    report = json.loads(copy.run("-m", "memegen", photo, "-o", "meme.jpg", "--json", *options))
    assert report["caption"]["text"] == "One\nTwo"
    with Image.open(photo) as before, Image.open(copy.place / "meme.jpg") as after:
        size = before.size
        assert after.size == size  # no bars: the text is on the picture
        top, bottom = (0, 0, size[0], size[1] // 3), (0, size[1] * 2 // 3, *size)
        assert dark_and_light(after.crop(bottom)) > dark_and_light(before.crop(bottom)) + 500
        assert dark_and_light(after.crop(top)) < dark_and_light(before.crop(top)) + 500


def dark_and_light(image: Image.Image) -> int:
    """How many pixels are nearly black or nearly white, as the letters and their outline are."""
    levels = image.convert("L").histogram()
    return sum(levels[:8]) + sum(levels[248:])
