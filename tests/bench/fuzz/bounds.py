"""Each bound on what a file may cost, and the costly files that come nearest to it from either side."""

from memegen.contract import MAX_JPEG_PIXELS, MAX_PHOTO_BYTES, MAX_PHOTO_PIXELS
from memegen.face.detect import MOST_LOOKS
from memegen.photo.avif import MAX_PICTURES
from memegen.photo.bmp import MAX_RUNS
from memegen.photo.boxes import MAX_BOXES
from memegen.photo.decode import MAX_FRAMES
from memegen.photo.decoder_guards import MAX_MEMORY, MAX_SECONDS
from memegen.photo.gif import MAX_BLOCKS
from memegen.photo.jpeg import MAX_SCANS, MAX_SEGMENTS
from memegen.photo.png import MAX_CHUNKS
from memegen.photo.tiff import MAX_PARTS
from memegen.photo.webp import MAX_CHUNKS as MAX_WEBP_CHUNKS

BOUNDS: dict[str, tuple[str, ...]] = {
    f"{MAX_PHOTO_BYTES // 2**20} MiB a file": (
        "JPEG of noise", "JPEG of noise, progressive", "PNG of noise", "PNG of sparse noise",
        "WebP, lossless noise", "HEIC of noise", "AVIF of noise", "TIFF, LZW of noise, 64,000 strips",
    ),
    f"{MAX_PHOTO_PIXELS // 10**6} megapixels": (
        "PNG of colour and alpha, square", "WebP, lossless with alpha, square", "GIF, square",
        "BMP of long runs", "TIFF of colour, square, 16 rows a strip", "AVIF with alpha, square",
        "HEIC of tiles, square",
    ),
    f"{MAX_JPEG_PIXELS // 10**6} megapixels of a JPEG that is decoded row by row": (
        "JPEG of 200 megapixels", "JPEG of 200 megapixels, 4:4:4", "JPEG of 200 megapixels in a strip",
    ),
    f"{MAX_MEMORY // 2**20} MiB for a decoder: coefficients": (
        "JPEG progressive, 4:2:0, 175 megapixels", "JPEG progressive, 4:4:4, 88 megapixels",
        "JPEG progressive, CMYK, 66 megapixels", "JPEG progressive, 4:4:4, 200 megapixels",
    ),
    f"{MAX_MEMORY // 2**20} MiB for a decoder: a JPEG's coefficients in a TIFF": (
        "TIFF of a progressive JPEG, 8,000 × 8,000", "TIFF of a progressive JPEG taller than its strip",
    ),
    f"{MAX_MEMORY // 2**20} MiB for a decoder: rows' addresses, long rows": (
        "PNG 1 × 35,000,000, 8 bits of colour type 6", "PNG of 1 bit, 1 × 65,000,000",
        "PNG of 16 bits of colour, 21,666,666 × 3", "BMP of long runs, 65,000,000 × 1",
    ),
    f"{MAX_MEMORY // 2**20} MiB for a decoder: strips, planes, alpha": (
        "TIFF of colour and alpha, 65,000,000 × 1, all rows a strip",
        "TIFF of 16 bits of colour in planes, square",
        "TIFF of colour and alpha, square, all rows a strip", "HEIC whose alpha has 196 megapixels",
        "HEIC on a canvas of 400 megapixels that says 100 × 100",
        "HEIC of tiles of 10 bits, 4:4:4, that says 8 and 4:2:0",
    ),
    f"{MAX_SECONDS:.0f} s for a decoder, by measured figures": (
        "PNG of Paeth rows, 16 bits of colour and alpha", "JPEG of 98 scans, 50 megapixels",
        "HEIC of tiles of 10 bits, square", "TIFF, fax 3, 64 × 5,000,000, 5,000,000 rows a strip",
        "TIFF of a JPEG of many scans",
    ),
    f"{MAX_SEGMENTS:,} segments of a JPEG": (
        "JPEG of EXIF in 4,000 pieces", "JPEG of empty segments", "JPEG of one-byte comments",
        "JPEG of segments before a progressive CMYK",
    ),
    f"{MAX_SCANS} scans of a JPEG": ("JPEG of 98 scans, 12 megapixels", "JPEG of markers after its scan"),
    f"{MAX_CHUNKS:,} chunks of a PNG": (
        "PNG of 140,000 unknown chunks", "PNG of empty IDATs", "PNG of unknown chunks",
        "PNG of one-byte IDATs",
    ),
    f"{MAX_WEBP_CHUNKS:,} chunks of a WebP": ("WebP of chunks", "WebP of tiny empty frames"),
    f"{MAX_BLOCKS:,} blocks of a GIF": (
        "GIF of one comment", "GIF of empty comments", "GIF of one-byte comment blocks",
    ),
    f"{MAX_RUNS:,} runs of a BMP": (
        "BMP of unpacked runs", "BMP of unpacked runs, 4 bits", "BMP of short runs",
        "BMP of nothing but moves",
    ),
    f"{MAX_PARTS:,} strips or tiles of a TIFF, none over another": (
        "TIFF of 80,000 plain tiles", "TIFF of JPEG in 90,000 tiles of 16", "TIFF of JPEG in tiles of 16",
        "TIFF of strips over each other", "TIFF, zstd of noise, 64,000 strips",
    ),
    "4,096 tags of a TIFF, and one directory": (
        "TIFF of 3,000 tags of all the file", "TIFF of 60,000 tags", "TIFF of two million directories",
    ),
    f"{MAX_PICTURES:,} pictures that a HEIC or AVIF is made of, in {MAX_BOXES:,} boxes": (
        "HEIC of tiles, 8,160 × 6,144", "HEIC of tiles of 64", "HEIC of noisy tiles",
    ),
    f"{MAX_FRAMES:,} frames that may be empty, or 130 megapixels of them": (
        "APNG of empty frames, square", "APNG of empty frames, 1 × 6,000,000", "APNG of tiny empty frames",
        "GIF of empty frames, square", "GIF of tiny empty frames", "WebP of empty frames", "AVIF of frames",
    ),
    f"{MOST_LOOKS} faces that are looked at again": ("JPEG of 2,000 faces",),
}  # fmt: skip
"""A bound in words → the names of costly files, see tests/support/costly/kinds.py."""
