"""How the report's plots look, and how a plot gets into the page.

Only the modules that draw a plot import this one, so that the others need no matplotlib.
"""

import base64
import html
import io
from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

INK = "#222222"
COLOURS = ("#0b6e99", "#c2571a", "#4f7a28", "#7b4b94")

Axes = npt.NDArray[Any]
"""matplotlib's Axes, in the rows and columns of a figure."""


def look() -> AbstractContextManager[None]:
    """Within this context every plot has the report's look."""
    return mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})


def panels(rows: int, columns: int, width: float, height: float) -> tuple[Figure, Axes]:
    """A figure, width × height inches in size, and its plots, (rows, columns)."""
    figure = Figure(figsize=(width, height), layout="constrained")
    axes: Axes = np.asarray(figure.subplots(rows, columns, squeeze=False))
    return figure, axes


def figure_html(figure: Figure, caption: str) -> str:
    """The figure as HTML that holds its picture, so that the page is one file."""
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=110)
    picture = base64.b64encode(out.getvalue()).decode()
    text = html.escape(caption)
    return (
        f'<figure><img alt="{text}" src="data:image/png;base64,{picture}">'
        f"<figcaption>{text}</figcaption></figure>"
    )
