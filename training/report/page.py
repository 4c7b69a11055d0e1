"""The page: reads what a run left and puts the sections together, in order."""

import json
from pathlib import Path

import numpy as np

from memegen.face.expressions import combine
from memegen.options import EXPRESSIONS
from training.ensemble.validation_set import read_validation_set
from training.report import markup, plots
from training.report.balancing import balancing_section
from training.report.class_balance import balance_section
from training.report.curves import curves_section
from training.report.leaderboard import leaderboard_section
from training.report.members import disagreement_section, weights_section
from training.report.readings import confusion_section, examples_section, reliability_section
from training.settings import Settings


def write_report(run: Path, settings: Settings) -> None:
    """Write `report.html` under `run`.

    It holds pictures of the data sets, so it belongs into the run's folder, which is not published. Raises
    ValueError when the members or their weights are missing.
    """
    crops, validation_set = read_validation_set(run, settings)
    file = run / "weights.json"
    if not file.exists():
        raise ValueError(f"{file} is missing: run `python -m training weights --run {run}` first")
    learnt = json.loads(file.read_text())
    names = list(settings.members)
    temperatures = np.array([learnt["members"][name]["temperature"] for name in names])
    weights = np.array(
        [[learnt["members"][name]["class_weights"][label] for label in EXPRESSIONS] for name in names]
    )
    members = validation_set.probabilities(temperatures)
    ensemble = combine(members, weights)
    with plots.look():
        sections = {
            "Class balance": balance_section(run, settings),
            "Does balancing help, and which kind?": balancing_section(run, settings),
            "Leaderboard of the search": leaderboard_section(run, settings),
            "Learning curves": curves_section(run, settings),
            "Confusion of the ensemble, by source": confusion_section(validation_set, ensemble),
            "Class weights": weights_section(validation_set, temperatures, weights, names, learnt),
            "Pairwise disagreement of the members": disagreement_section(validation_set, members, names),
            "Reliability, by source": reliability_section(validation_set, ensemble),
            "Examples": examples_section(crops, validation_set, ensemble),
        }
    (run / "report.html").write_text(markup.page(sections))
    print(run / "report.html")
