"""What the fuzzer begins with: a sound photo of every form, spoilt ones, and some options."""

import json
from collections.abc import Iterator

from cloud.option_codec import encode_options
from tests.support.corpus.generators import corpus
from tests.support.corpus.sound import FORMS, sound


def photos() -> Iterator[bytes]:
    yield from (sound(form, 0).data for form in FORMS)
    yield from (named.case.data for named in corpus(200) if len(named.case.data) < 65_536)


def options() -> Iterator[bytes]:
    """As tests.bench.fuzz.options reads them: FuzzedDataProvider takes whole numbers from an input's end."""
    for values in (
        {},
        {"caption": "ha\nha"},
        {"style": "bubble", "seed": "7"},
        {"expression": "fear", "variant": 3},
    ):
        yield b"\2" + encode_options(values).encode() + b"\1"
        yield b"\2" + json.dumps(values).encode() + b"\1"
    for text in ("plain", "ha ha\nhi", "नमस्ते", "שלום 😀"):
        yield b"\1" + text.encode("utf-32-le") + b"\0\0"
