"""Any bytes through the library's decoding, guided by coverage: python -m tests.bench.fuzz.photo FOLDER …

The coverage is of Python code: Pillow's readers of headers and MemeGen's own. The decoders in C aren't built
for it; they get whatever that turns up.
"""

import sys

import atheris

with atheris.instrument_imports(include=["PIL", "pi_heif", "memegen.photo"]):
    from memegen.photo.decode import read_photo

from memegen.errors import PhotoError


def one(data: bytes) -> None:
    """Raises what the fuzzer takes for a fault: anything but a PhotoError, or a picture out of bounds."""
    try:
        pixels = read_photo(data, long_side=200)
    except PhotoError:
        return
    height, width, colours = pixels.shape
    if not (1 <= height <= 200 and 1 <= width <= 200 and colours == 3):
        raise AssertionError(f"a picture of {pixels.shape}")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
