"""The README's way to train everything again."""

import re
from pathlib import Path

from training.__main__ import STEPS


def test_the_readme_goes_through_all_steps_in_their_order_and_no_others():
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert tuple(re.findall(r"^training (\w+)", readme, re.MULTILINE)) == STEPS
