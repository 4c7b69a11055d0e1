"""Any options and captions, from metadata to the drawn letters: python -m tests.bench.fuzz.options …"""

import json
import sys

import atheris
import numpy as np

with atheris.instrument_imports(include=["cloud.option_codec", "memegen"]):
    from cloud.option_codec import encode_options, options_of
    from memegen.caption.choose import choose_caption
    from memegen.caption.mood import certain
    from memegen.draw import draw_caption
    from memegen.layout.layout import place_caption

from memegen import Options, PhotoError
from memegen.options import STYLES

_PICTURE = np.full((90, 120, 3), 128, np.uint8)


def one(data: bytes) -> None:
    """Half of the inputs are a metadata entry as it stands, half a caption of any characters.

    Raises what the fuzzer takes for a fault: anything but a PhotoError.
    """
    given = atheris.FuzzedDataProvider(data)
    try:
        if given.ConsumeBool():
            options = options_of({"options": given.ConsumeString(9000)})
        else:
            style = STYLES[given.ConsumeIntInRange(0, len(STYLES) - 1)]
            values = {"style": style}
            values["caption"] = given.ConsumeUnicode(300)
            options = Options.from_mapping(json.loads(json.dumps(values)))
            if options_of({"options": encode_options({**values, "seed": 1})}) != Options(**values, seed=1):
                raise AssertionError("options change on their way through the metadata")
        caption = choose_caption(certain(options.expression or "no-face"), options, options.seed or 0)
        placement = place_caption(caption, 120, 90, [], options.style)
        draw_caption(_PICTURE, placement)
    except PhotoError:
        return


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
