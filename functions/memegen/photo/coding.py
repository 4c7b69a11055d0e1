"""How a picture is coded, by its own parameter sets: a container may say less than a decoder will meet.

HEVC's sequence parameter set (ITU-T H.265, 7.3.2.2) and AV1's sequence header (AV1 Bitstream & Decoding
Process Specification, 5.5). A decoder goes by these, whatever a HEIF file's own boxes say.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_SEQUENCE_PARAMETERS = 33  # H.265, table 7-1
_SEQUENCE_HEADER = 1  # AV1, 6.2.2
_ENOUGH = 512  # bytes of a parameter set, for all that is read of it


@dataclass(frozen=True)
class Coding:
    """depth: bits a sample. chroma: samples of colour for each of brightness. size: in pixels, or 0."""

    depth: int
    chroma: float
    size: tuple[int, int] = (0, 0)


class _Bits:
    """Reads bits from the front. Past the end they are 0."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data), 8 * len(data)

    def read(self, count: int) -> int:
        self._left -= count
        shifted = self._value >> self._left if self._left >= 0 else self._value << -self._left
        return shifted & ((1 << count) - 1)

    def golomb(self) -> int:
        """H.265, 9.2: ue(v). Raises ValueError for a number of more than 32 bits."""
        for zeros in range(33):
            if self.read(1):
                return (1 << zeros) - 1 + self.read(zeros)
        raise ValueError("a number without an end")


def hevc_codings(data: bytes, length_size: int) -> Iterator[Coding]:
    """Those of the sequence parameter sets among NAL units, each after its length in so many bytes."""
    at = 0
    while at + length_size + 2 <= len(data):
        start = at + length_size
        at = start + int.from_bytes(data[at:start])
        if data[start] >> 1 & 63 == _SEQUENCE_PARAMETERS:
            yield hevc_coding(data[start + 2 : min(at, start + _ENOUGH)])


def hevc_coding(parameters: bytes) -> Coding:
    """That of one sequence parameter set, which stands behind its NAL unit's header of two bytes."""
    bits = _Bits(parameters.replace(b"\0\0\3", b"\0\0"))  # 7.3.1.1: so no start code arises
    bits.read(4)
    layers = bits.read(3)
    bits.read(1 + 96)
    present = [(bits.read(1), bits.read(1)) for _ in range(layers)]
    bits.read(2 * (8 - layers) if layers else 0)
    for profile, level in present:
        bits.read(88 * profile + 8 * level)
    bits.golomb()
    chroma = bits.golomb()
    if chroma == 3:
        bits.read(1)
    size = bits.golomb(), bits.golomb()
    if bits.read(1):
        for _ in range(4):
            bits.golomb()
    depth = 8 + max(bits.golomb(), bits.golomb())
    return Coding(depth, (0.0, 0.5, 1.0, 2.0)[min(chroma, 3)], size)


def av1_codings(data: bytes) -> Iterator[Coding]:
    """Those of the sequence headers among a picture's OBUs (5.3)."""
    at = 0
    while at < len(data):
        head = data[at]
        at += 2 if head & 4 else 1
        size = len(data) - at
        if head & 2:
            size, at = _leb128(data, at)
        if head >> 3 & 15 == _SEQUENCE_HEADER:
            yield _av1_coding(data[at : at + min(size, _ENOUGH)])
        at += size


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """4.10.5: a number, and where it ends."""
    value = 0
    for number, byte in enumerate(data[at : at + 8]):
        value |= (byte & 127) << 7 * number
        if byte < 128:
            return value, at + number + 1
    raise ValueError("a size without an end")


def _av1_coding(header: bytes) -> Coding:
    """That of one sequence header; of one that is not a still picture's, the most that its profile allows."""
    bits = _Bits(header)
    profile = bits.read(3)
    still = bits.read(2) & 1  # reduced_still_picture_header
    deep = 1
    if still:
        bits.read(5)
        across, down = bits.read(4) + 1, bits.read(4) + 1
        bits.read(across + down + 3 + 3)
        deep = bits.read(1)
    if profile >= 2:
        return Coding(12 if deep else 8, 2.0 if deep else 1.0)
    return Coding(10 if deep else 8, 2.0 if profile else 0.5)
