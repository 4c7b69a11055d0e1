"""What kind of file some bytes are, and what to say of those that can't be read."""

from memegen.contract import FILE_TYPES, MAX_JPEG_PIXELS, MAX_PHOTO_BYTES, MAX_PHOTO_PIXELS, alternatives
from memegen.errors import ErrorCode, PhotoError

EXPECTED = f"a {alternatives([kind.name for kind in FILE_TYPES])} photo"

JPEG_START = b"\xff\xd8\xff"

CAMERA_RAW = "camera raw"

# What a file is by its first bytes: (offset, bytes, name). A file of a kind that is read, but that can't be
# opened, is damaged. The other kinds are here so that a person can be told what the file is.
_SIGNATURES = (
    (0, JPEG_START, "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (8, b"WEBP", "WebP"),
    (0, b"GIF8", "GIF"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"II+\0", "TIFF"),  # BigTIFF
    (0, b"MM\0+", "TIFF"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftypavis", "AVIF"),
    (4, b"ftyphei", "HEIC"),
    (4, b"ftyphev", "HEIC"),
    (4, b"ftypmif1", "HEIC"),
    (4, b"ftypmsf1", "HEIC"),
    (4, b"ftypcrx", CAMERA_RAW),  # Canon's CR3
    (0, b"FUJIFILMCCD-RAW", CAMERA_RAW),  # RAF
    (0, b"IIRO", CAMERA_RAW),  # Olympus' ORF
    (0, b"IIRS", CAMERA_RAW),
    (0, b"MMOR", CAMERA_RAW),
    (0, b"IIU\0", CAMERA_RAW),  # Panasonic's RW2 and Leica's
    (6, b"HEAPCCDR", CAMERA_RAW),  # Canon's CRW
    (0, b"\0MRM", CAMERA_RAW),  # Minolta's MRW
    (0, b"FOVb", CAMERA_RAW),  # Sigma's X3F
    (4, b"ftyp", "video"),
    (0, b"%PDF", "PDF"),
    (0, b"8BPS", "Photoshop"),
    (0, b"%!PS", "PostScript"),
    (0, b"PK\x03\x04", "ZIP or office"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"\x1aE\xdf\xa3", "video"),
    (8, b"AVI ", "video"),
    (0, b"\xff\x0a", "JPEG XL"),
    (4, b"JXL \r\n\x87\n", "JPEG XL"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (4, b"jP  \r\n\x87\n", "JPEG 2000"),
    (0, b"\0\0\x01\0", "icon"),
    (0, b"ID3", "audio"),
    (0, b"OggS", "audio"),
)
# BMP is missing here: its signature is two letters, with which many a text begins.
_RECOGNISED = {kind.name for kind in FILE_TYPES} & {name for _, _, name in _SIGNATURES}


def format_name(data: bytes) -> str | None:
    """What people call the kind of file that begins so (16 bytes or more); None if it isn't known."""
    for offset, signature, name in _SIGNATURES:
        if data.startswith(signature, offset):
            return name
    return "SVG" if b"<svg" in data[:1024].lower() else None


def is_photo(head: bytes) -> bool:
    """Whether a file that begins so, 16 bytes or more, is of a kind that is read. Always False for BMP."""
    return format_name(head) in _RECOGNISED


def too_many_bytes() -> PhotoError:
    return PhotoError(
        ErrorCode.TOO_MANY_BYTES,
        f"The photo is larger than {MAX_PHOTO_BYTES // 2**20} MiB, which is the limit. "
        "Send a smaller copy of it.",
    )


def too_many_pixels(width: int, height: int) -> PhotoError:
    return PhotoError(
        ErrorCode.TOO_MANY_PIXELS,
        f"The photo has {width:,} × {height:,} pixels, {width * height / 1e6:.1f} megapixels, which is more "
        f"than can be read in this form. The limit is {MAX_PHOTO_PIXELS // 10**6} megapixels, and "
        f"{MAX_JPEG_PIXELS // 10**6} for an ordinary JPEG; a progressive, long or deep one may have fewer. "
        "Send a smaller copy of it, or save it as an ordinary JPEG.",
    )


def too_much_memory() -> PhotoError:
    return PhotoError(
        ErrorCode.TOO_MANY_PIXELS,
        "The photo takes more memory to read than there is. Send a smaller copy of it, or an ordinary JPEG.",
    )


def damaged(name: str | None) -> PhotoError:
    return PhotoError(
        ErrorCode.DAMAGED_IMAGE,
        f"The {name} file is damaged or cut off and can't be read to its end. Send the original again.",
    )


def unsupported(name: str) -> PhotoError:
    """name: what the file is, as in "a file of the kind PDF"."""
    return PhotoError(
        ErrorCode.UNSUPPORTED_FORMAT,
        f"This is a file of the kind {name}, which MemeGen can't read. Send {EXPECTED}.",
    )


def camera_raw() -> PhotoError:
    return PhotoError(
        ErrorCode.UNSUPPORTED_FORMAT,
        "This is a camera raw file, which holds what the sensor saw and no finished picture. Export the "
        "photo as a JPEG, in the camera or with your photo program, and send that.",
    )


def unreadable(data: bytes) -> PhotoError:
    """The error for a file that no decoder opens."""
    if not data:
        return PhotoError(ErrorCode.NOT_AN_IMAGE, f"The file is empty. Send {EXPECTED}.")
    name = format_name(data)
    if name == "TIFF":  # its header may be sound and name a layout that Pillow has no mode for
        return PhotoError(
            ErrorCode.DAMAGED_IMAGE,
            "The TIFF file is damaged or of a rare kind and can't be read. Save it as PNG or JPEG.",
        )
    if name in _RECOGNISED:
        return damaged(name)
    if name == CAMERA_RAW:
        return camera_raw()
    if name is not None:
        return unsupported(name)
    return PhotoError(
        ErrorCode.NOT_AN_IMAGE,
        f"This file is not an image, or not of a kind that MemeGen knows. Send {EXPECTED}.",
    )
