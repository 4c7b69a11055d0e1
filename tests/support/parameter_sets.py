"""HEVC's sequence parameter sets (ITU-T H.265), made field by field."""

import re


def packed(*fields: tuple[int, int]) -> bytes:
    """Numbers of so many bits each, one after another, up to a whole byte."""
    bits = "".join(f"{value:0{count}b}" for value, count in fields)
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8))


def golomb(value: int) -> tuple[int, int]:
    """H.265, 9.2: n zeros, then the number and one, which has n + 1 bits."""
    return value + 1, 2 * (value + 1).bit_length() - 1


def parameter_set(
    size: tuple[int, int], chroma: int, luma: int, colour: int, layers: int = 0, window: bool = False
) -> bytes:
    """A NAL unit by H.265, 7.3.1.2, 7.3.2.2 and 7.3.3, up to the depths of brightness and colour."""
    levels = [(0b11, 2)] * layers + ([(0, 2)] * (8 - layers) if layers else [])
    below = [(0, 88), (93, 8)] * layers
    cut = [(1, 1), *[golomb(n) for n in (1, 2, 3, 4)]] if window else [(0, 1)]
    planes = [(0, 1)] if chroma == 3 else []
    fields = [(0, 4), (layers, 3), (1, 1), (1, 88), (93, 8), *levels, *below, golomb(0), golomb(chroma)]
    fields += [*planes, golomb(size[0]), golomb(size[1]), *cut, golomb(luma - 8), golomb(colour - 8)]
    content = re.sub(rb"\0\0(?=[\0-\3])", b"\0\0\3", packed(*fields))  # 7.3.1.1
    return b"\x42\1" + content
