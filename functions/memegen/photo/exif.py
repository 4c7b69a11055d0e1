"""EXIF → which way up a photo is. One tag is read, whatever else the block tells of."""

import struct

# Exif 2.32, 4.6.4: IFD0's tag 0x0112, a SHORT. Some writers make it a BYTE or a LONG.
_ORIENTATION_TAG = 0x0112
_FORMS = {1: "B", 3: "H", 4: "I"}
UPRIGHT = 1


def orientation_of(exif: bytes | None) -> int:
    """EXIF's orientation, 1 to 8; 1 for what is broken or says nothing.

    exif: a TIFF structure, with or without "Exif" and two zeros before it. XMP may state one of its own;
    browsers and phones go by EXIF's alone, so it is left aside.
    """
    if not exif:
        return UPRIGHT
    tiff = exif.removeprefix(b"Exif\0\0").removeprefix(b"Exif\0\0")  # some writers put it there twice
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return UPRIGHT
    try:
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, at)
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, form, values = struct.unpack_from(f"{order}HHI", tiff, entry)
            if tag == _ORIENTATION_TAG:
                if values != 1 or form not in _FORMS:
                    return UPRIGHT
                (value,) = struct.unpack_from(order + _FORMS[form], tiff, entry + 8)
                return int(value) if 1 <= value <= 8 else UPRIGHT
    except struct.error:  # past the block's end
        pass
    return UPRIGHT
