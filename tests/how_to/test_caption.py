"""docs/how-to/caption.md, done in a copy."""

import json
from pathlib import Path

import pytest

from tests.how_to.copied import copy_code, run

ADDED = {"id": "happiness-99", "top": "The parcel came", "bottom": "on the day it was promised"}

# Prints the ids and texts that the first variants of a happy face get.
CAPTIONS = """
import memegen
from memegen.caption.choose import choose_caption
from memegen.caption.mood import Mood
from memegen.options import Options
print(memegen.__file__)
for variant in range(200):
    caption = choose_caption(Mood("happiness", 1.0), Options(variant=variant), 7)
    print(caption.id, caption.text.replace("\\n", " / "))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    copy_code(tmp_path, "functions", "infra")
    return tmp_path


def test_a_caption_that_is_added_to_one_file_is_checked_and_chosen(copy: Path):
    file = copy / "functions" / "memegen" / "caption" / "packs" / "en.json"
    pack = json.loads(file.read_text())
    before = run(copy, "-c", CAPTIONS).stdout
    pack["captions"]["happiness"].append(ADDED)
    file.write_text(json.dumps(pack, ensure_ascii=False))
    after = run(copy, "-c", CAPTIONS).stdout
    assert str(copy) in after
    assert "happiness-99" not in before
    assert "happiness-99 The parcel came / on the day it was promised" in after
    checked = run(copy, "-m", "infra.tools.caption_check")
    assert checked.returncode == 0, checked.stdout


def test_the_check_finds_a_caption_that_is_there_already(copy: Path):
    file = copy / "functions" / "memegen" / "caption" / "packs" / "en.json"
    pack = json.loads(file.read_text())
    first = pack["captions"]["happiness"][0]
    pack["captions"]["happiness"].append({**first, "id": "happiness-99"})
    file.write_text(json.dumps(pack, ensure_ascii=False))
    checked = run(copy, "-m", "infra.tools.caption_check")
    assert checked.returncode == 1
    assert "happiness-99" in checked.stdout + checked.stderr
