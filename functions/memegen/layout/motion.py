"""The frames of an animation, and how a camera closes in on a part of the photo.

No more than five frames begin within any second. A flash is a pair of opposing changes, so wherever one looks
there are fewer than three in a second, whatever the photo is (WCAG 2.2, success criterion 2.3.1).
"""

from dataclasses import dataclass

from memegen.geometry import Box
from memegen.layout.placement import Placement


@dataclass(frozen=True)
class Frame:
    """One picture of an animation, and for how many milliseconds it is shown."""

    placement: Placement
    milliseconds: int


def between(first: Box[int], last: Box[int], count: int) -> list[Box[int]]:
    """So many boxes on the way from the first to the last. Each is smaller than the one before it by the same
    factor, so that the camera closes in evenly, on one point."""
    found = []
    for step in range(1, count + 1):
        share = step / (count + 1)
        left, width = _span(first.left, first.width, last.left, last.width, share)
        top, height = _span(first.top, first.height, last.top, last.height, share)
        found.append(Box(left, top, width, height))
    return found


def _span(start: int, length: int, last_start: int, last_length: int, share: float) -> tuple[int, int]:
    """Where a span starts and how long it is after this share of its way to another one."""
    now = length * (last_length / length) ** share
    if length != last_length:
        share = (now - length) / (last_length - length)  # one point stays in its place
    return round(start + share * (last_start - start)), max(1, round(now))


def shrunk(box: Box[int], share: float) -> Box[int]:
    """The middle of the box, with this share of its width and its height."""
    width, height = max(1, round(share * box.width)), max(1, round(share * box.height))
    return Box(box.left + (box.width - width) // 2, box.top + (box.height - height) // 2, width, height)
