"""Whether too little of a face shows for its reading to be relied on.

The networks learnt from faces that show, so they may be sure of one that doesn't. By the bounds below, .8 %
of FER2013's 3,589 test pictures are occluded, .1 % of the famous set's 1,526 and 1.2 % of IMFDB's 3,167. Nine
in ten of these show sunglasses, hands, profiles or deep shade.
"""

import numpy as np
import numpy.typing as npt

from memegen.face.crop import SMALL_SIZE, square_crop
from memegen.face.detect import Face, Pixels

# The parts of a face in its crop, (rows, columns) of 48: the eyes at .39 of the height, the mouth at .76.
_RIGHT_EYE = slice(15, 23), slice(11, 20)
_LEFT_EYE = slice(15, 23), slice(28, 37)
_CHEEKS = slice(24, 32), slice(18, 31)
_MOUTH = slice(32, 44), slice(15, 34)

_LEAST_RANGE = 40  # grey levels between light and dark; a face in the dark has fewer
_DARKEST_EYES = 0.5  # of the cheeks' grey: an open eye has lighter skin around it, a dark lens has none
_SMOOTHEST_MOUTH = 0.12  # of the crop's range: a mask, a scarf or a hand in place of lips


def is_occluded(face: Face, crop: Pixels) -> bool:
    """Whether the face looks away, is in the dark, or is behind sunglasses or a mask.

    crop: the face's level crop, (size, size) uint8 grey.
    """
    crop = square_crop(crop, SMALL_SIZE)
    light_range = _spread(crop, 5)
    return (
        _looks_away(face.landmarks)
        or light_range < _LEAST_RANGE
        or max(_light(crop[_RIGHT_EYE]), _light(crop[_LEFT_EYE])) < _DARKEST_EYES * np.median(crop[_CHEEKS])
        or _spread(crop[_MOUTH], 8) < _SMOOTHEST_MOUTH * light_range
    )


def _looks_away(landmarks: npt.NDArray[np.float32]) -> bool:
    """Whether the tip of the nose is not between the eyes, which happens from about 45 degrees on: the tip is
    in front of the eyes by nearly half the distance between them."""
    right_eye, left_eye, nose = landmarks[:3]
    across = left_eye - right_eye
    return not 0 <= (nose - right_eye) @ across <= across @ across


def _light(part: Pixels) -> float:
    """The grey level that a quarter of the pixels exceed."""
    return float(np.percentile(part, 75))


def _spread(part: Pixels, tail: float) -> float:
    """The number of grey levels between the darkest and the lightest `tail` per cent."""
    low, high = np.percentile(part, (tail, 100 - tail))
    return float(high - low)
