"""The faces of a picture → what is read in each."""

from collections.abc import Sequence
from dataclasses import dataclass

from memegen.face.crop import crop_face
from memegen.face.detect import Face, Pixels
from memegen.face.expressions import Reading, read_expressions
from memegen.face.occlusion import is_occluded


@dataclass(frozen=True)
class ReadFace:
    """A face, its expression, and whether too little of it shows for that to be relied on."""

    face: Face
    reading: Reading
    is_occluded: bool


def read_faces(pixels: Pixels, faces: Sequence[Face]) -> list[ReadFace]:
    """Read the expression of each face, in the given order.

    pixels: (height, width, 3) uint8 RGB. Raises ModelError when the shipped models can't be used.
    """
    crops = [crop_face(pixels, face) for face in faces]
    return [
        ReadFace(face, reading, is_occluded(face, crop))
        for face, crop, reading in zip(faces, crops, read_expressions(crops), strict=True)
    ]
