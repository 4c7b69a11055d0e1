"""Empty headroom: plain rows above all heads, which say nothing and make the faces small.

Only rows that ground.plain_rows counts are ever left out, and a border such as a scan has, so nothing of the
photo that could be seen goes.
"""

from memegen.geometry import Box
from memegen.layout.free_space import MOST_HAIR
from memegen.layout.scene import Scene

_LEFT = 0.05  # of the picture's width: how much plain ground stays above the hair


def empty_rows(scene: Scene) -> int:
    """How many rows at the picture's top are plain and well above the hair of all faces, or its border's; 0
    without a face.

    The hair of the highest head begins where the ground stops being plain, unless hair and ground are alike:
    then where top.top_of finds it or, above a top that is not plain all along, as high as hair may be.
    """
    if not scene.faces:
        return 0
    hair: float = min(face.top - MOST_HAIR * face.height for face in scene.faces)
    if scene.photo_top and scene.photo_top.clear is not None:
        hair = scene.photo_top.clear - _LEFT * scene.width
    border = scene.photo_top.border if scene.photo_top else 0
    return max(border, int(min(scene.plain_rows - _LEFT * scene.width, hair)))


def without_rows(scene: Scene, rows: int) -> Box[int]:
    """The part of the picture, in its own pixels, that is left without so many rows at its top."""
    return Box(0, rows, scene.width, scene.height - rows)
