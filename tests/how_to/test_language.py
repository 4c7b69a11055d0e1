"""docs/how-to/language.md, done in a copy: German from the Spanish captions and the English words."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from tests.how_to.copied import Copy

SETTINGS = """
from infra.local.storage.site import config_js
print(config_js("http://a", "http://b", "http://c"))
"""


def test_a_language_is_added_by_two_files(tmp_path: Path):
    copy = Copy(tmp_path, "functions", "infra", "web")
    packs, words = tmp_path / "functions" / "memegen" / "caption" / "packs", tmp_path / "web" / "words"
    spanish = (packs / "es.json").read_text()
    german = spanish.replace('"language": "es"', '"language": "de"').replace('"id": "es-', '"id": "de-')
    (packs / "de.json").write_text(german)
    (words / "de.js").write_text((words / "en.js").read_text())

    assert copy.changed() == {"functions/memegen/caption/packs/de.json", "web/words/de.js"}

    Image.fromarray(np.full((300, 400, 3), 90, np.uint8)).save(tmp_path / "me.png")
    made = copy.run("-m", "memegen", "me.png", "--language", "de-AT", "--json")
    caption = json.loads(made)["caption"]
    assert caption["language"] == "de"
    assert caption["id"].startswith("de-no-face-")
    assert copy.run("-m", "memegen", "--languages").split() == ["de", "en", "es", "hi", "ja", "te"]
    settings = copy.run("-c", SETTINGS)
    assert 'export const languages = ["de","en","es","hi","ja","te"];' in settings
    copy.run("-m", "infra.tools.caption_check")
