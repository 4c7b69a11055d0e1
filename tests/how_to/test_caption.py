"""docs/how-to/caption.md, done in a copy."""

import json
from pathlib import Path

import pytest

from tests.how_to.copied import Copy

ADDED = {"id": "happiness-99", "top": "The parcel came", "bottom": "on the day it was promised"}
PACK = "functions/memegen/caption/packs/en.json"

# Prints the ids and texts that the first variants of a happy face get.
CAPTIONS = """
import memegen
from memegen.caption.choose import choose_caption
from memegen.caption.mood import certain
from memegen.options import Options
print(memegen.__file__)
for variant in range(200):
    caption = choose_caption(certain("happiness"), Options(variant=variant), 7)
    print(caption.id, caption.text.replace("\\n", " / "))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path, "functions", "infra")


def test_a_caption_that_is_added_to_one_file_is_checked_and_chosen(copy: Copy):
    file = copy.place / PACK
    pack = json.loads(file.read_text())
    before = copy.run("-c", CAPTIONS)
    pack["captions"]["happiness"].append(ADDED)
    file.write_text(json.dumps(pack, ensure_ascii=False))
    assert copy.changed() == {PACK}
    after = copy.run("-c", CAPTIONS)
    assert str(copy.place) in after
    assert "happiness-99" not in before
    assert "happiness-99 The parcel came / on the day it was promised" in after
    copy.run("-m", "infra.tools.caption_check")


def test_the_check_finds_a_caption_that_is_there_already(copy: Copy):
    file = copy.place / PACK
    pack = json.loads(file.read_text())
    first = pack["captions"]["happiness"][0]
    pack["captions"]["happiness"].append({**first, "id": "happiness-99"})
    file.write_text(json.dumps(pack, ensure_ascii=False))
    assert "happiness-99" in copy.run("-m", "infra.tools.caption_check", status=1)
