"""Names for the arrays that travel through training and export. Each says its dtype."""

import numpy as np
import numpy.typing as npt

Pictures = npt.NDArray[np.uint8]
"""Face crops (n, size, size), grey, 0 to 255."""
Float32s = npt.NDArray[np.float32]
Float64s = npt.NDArray[np.float64]
ClassIndices = npt.NDArray[np.integer]
"""Labels or guesses (n,): indices into EXPRESSIONS."""
Texts = npt.NDArray[np.str_]
