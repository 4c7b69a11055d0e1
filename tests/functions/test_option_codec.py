import base64
import json

import pytest

from cloud.option_codec import encode_options, options_of
from memegen import Options, PhotoError


def encoded(text: str) -> dict[str, str]:
    return {"options": base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()}


def test_no_metadata_no_options():
    assert options_of({}) == Options()


def test_plain_entries_are_options_and_others_are_left_alone():
    metadata = {"language": "hi-IN", "seed": "7", "variant": "2", "caption": "up\\ndown", "camera": "mine"}
    assert options_of(metadata) == Options(language="hi-IN", seed=7, variant=2, caption="up\ndown")


def test_the_entry_options_stands_before_plain_entries():
    metadata = {**encoded('{"caption": "నవ్వు\\nplease", "variant": 4}'), "variant": "9", "style": "nonsense"}
    assert options_of(metadata) == Options(caption="నవ్వు\nplease", variant=4)


def test_seen_is_a_list_in_the_entry_options_and_text_in_a_plain_entry():
    expected = Options(seen=("fear-01", "fear-02"), caption_id="fear-03")
    assert options_of(encoded('{"seen": ["fear-01", "fear-02"], "caption_id": "fear-03"}')) == expected
    assert options_of({"seen": "fear-01,fear-02", "caption_id": "fear-03"}) == expected


def test_a_stored_turn_is_read_as_the_variant():
    assert options_of({"turn": "2"}) == Options(variant=2)
    assert options_of(encoded('{"turn": 2}')) == Options(variant=2)


@pytest.mark.parametrize("metadata", [{"turn": "2", "variant": "2"}, encoded('{"turn": 2, "variant": 2}')])
def test_a_stored_turn_beside_a_variant_is_a_bad_option(metadata):
    with pytest.raises(PhotoError, match="Give only variant") as caught:
        options_of(metadata)
    assert caught.value.code == "bad-option"


def test_options_are_encoded_as_url_safe_base64_without_padding():
    entry = encode_options({"caption": "నవ్వు?~", "seed": 2**63 - 1})
    assert set(entry) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    padded = entry + "=" * (-len(entry) % 4)
    assert json.loads(base64.urlsafe_b64decode(padded)) == {"caption": "నవ్వు?~", "seed": 2**63 - 1}
    assert options_of({"options": entry}) == Options(caption="నవ్వు?~", seed=2**63 - 1)


@pytest.mark.parametrize(
    "metadata",
    [{"watermark": "by me", "seed": "7"}, encoded('{"watermark": "by me", "seed": 7}')],
    ids=["plain", "encoded"],
)
def test_a_watermark_from_before_it_was_removed_is_ignored(metadata):
    assert options_of(metadata) == Options(seed=7)


@pytest.mark.parametrize(
    "metadata",
    [
        {"options": "not base64!"},
        {"options": "a"},
        {"options": ""},
        encoded("{"),
        encoded("[]"),
        encoded("7"),
        encoded("[" * 5000),
        {"options": base64.urlsafe_b64encode(b"\xff\xfe{}").decode()},
        {"options": "A" * 8193},
        encoded('{"size": 7}'),
        encoded('{"seed": -1}'),
        encoded('{"caption": "\\ud800"}'),
        {"expression": "bored"},
        {"seed": "seven"},
        {"caption": "x" * 301},
        {"style": "modern"},
        {"language": "english please"},
    ],
)
def test_wrong_options_are_the_uploads_own_error(metadata):
    with pytest.raises(PhotoError) as raised:
        options_of(metadata)
    assert raised.value.code == "bad-option"
    assert str(raised.value).endswith(".")
