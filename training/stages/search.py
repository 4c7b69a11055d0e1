"""AutoML: the best body, mix, augmentation, balancing and learning rate of each member, by short trials.

Optuna proposes trials (tree-structured Parzen estimator, Bergstra et al., "Algorithms for Hyper-Parameter
Optimization", 2011) and ends weak ones early (median rule). A trial starts from one of the trained bodies:
from a fresh network so short a training ranks by chance. Studies live in `search.sqlite`: stopped at any
moment, the search goes on with the next trial.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import optuna
import torch
from optuna.trial import FrozenTrial, TrialState
from scipy.optimize import linear_sum_assignment

from training.data.balance import KINDS
from training.data.prepare import Crops, read_split
from training.model.loop import Training, scores_by_source
from training.model.trainer import chosen_of, start_of
from training.settings import Choice, Settings
from training.stages.finetune import member_plan

STORAGE = "search.sqlite"
WINNERS = "winners.json"
_KEPT = 1e9  # more than any score in noises


@dataclass(frozen=True)
class Contest:
    """What the trials of one member have in common."""

    run: Path
    name: str
    settings: Settings
    train: Crops
    validation: Crops

    def score(self, choice: Choice, seed: int, tell: Callable[[int, float], None]) -> float:
        """Macro-F1 on the member's own validation pictures after the search's budget, from the labels alone.

        `tell` gets every epoch's number and score, and may end the trial by raising.
        """
        search = self.settings.search
        member = replace(
            choice.of(self.settings.members[self.name]),
            epochs=search.epochs,
            epoch_pictures=search.epoch_pictures,
            seed=seed,
        )
        plan = member_plan(replace(self.settings, members={self.name: member}), self.name)
        training = Training(plan, self.settings.optimiser, self.train, start_of(self.run, plan))
        value = 0.0
        while not training.finished:
            training.run_epoch()
            scores = scores_by_source(training.average, self.validation, self.settings.optimiser.precision)
            value = scores[member.source]["macro_f1"]
            tell(training.epoch, value)
        return value


def search(run: Path, settings: Settings, only: str | None = None) -> None:
    """Trains each kind of balancing with several seeds at the same budget, then searches, for every member
    or for `only` one of them.

    Leaves `search.sqlite` under `run` and, once every member's search is at its end, `winners.json` (member →
    choice), which `fit` uses. Raises ValueError for an `only` that is no member.
    """
    torch.set_num_threads(settings.optimiser.threads)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    train, validation = read_split(run, "train"), read_split(run, "validation")
    for name in chosen_of(settings.members, only):
        member = settings.members[name]
        own = validation.of(validation.sources == member.source)
        contest = Contest(run, name, settings, train, own)
        _compare_balancing(_study(run, f"balance-{name}"), contest)
        _try_choices(_study(run, f"member-{name}", member.seed), contest)
    studies = {name: _study(run, f"member-{name}") for name in settings.members}
    if all(len(ended(study)) >= settings.search.trials[name] for name, study in studies.items()):
        noises = {name: _noise(open_study(run, f"balance-{name}")) for name in settings.members}
        kept = {name: m.kept["body"] for name, m in settings.members.items() if "body" in m.kept}
        found = assign_bodies(studies, list(settings.bodies), noises, kept)
        described = {name: asdict(choice) for name, choice in found.items()}
        (run / WINNERS).write_text(json.dumps(described, indent=2) + "\n")


def with_winners(settings: Settings, run: Path) -> Settings:
    """The settings with what the search found, but for what a member keeps; as they are where there was no
    search."""
    if not (run / WINNERS).exists():
        return settings
    found = json.loads((run / WINNERS).read_text())
    members = {
        name: replace(Choice(**found[name]).of(member), **member.kept)
        for name, member in settings.members.items()
    }
    return replace(settings, members=members)


def assign_bodies(
    studies: dict[str, optuna.Study], bodies: list[str], noises: dict[str, float], kept: dict[str, str]
) -> dict[str, Choice]:
    """Each member's best choice, no body twice: the assignment with the greatest sum of best scores, each
    divided by its member's noise.

    noises: by how much a member's score differs, as a standard deviation, when nothing but the seed does.
    JAFFE's few validation pictures differ by chance more than bodies do on IMFDB's thousands, and would else
    decide alone. kept: member → the body that it has in any case. A member that never finished a trial with a
    body doesn't get it while there is another way.
    """
    best = {
        (name, body): max(
            (t for t in _finished(study) if t.params["body"] == body),
            key=lambda trial: trial.value or 0.0,
            default=None,
        )
        for name, study in studies.items()
        for body in bodies
    }
    scores = np.array(
        [
            [_KEPT if kept.get(name) == body else _value(best[name, body]) / noises[name] for body in bodies]
            for name in studies
        ]
    )
    rows, columns = linear_sum_assignment(-scores)
    found = {}
    for row, column in zip(rows, columns, strict=True):
        name, body = list(studies)[row], bodies[column]
        winner = best[name, body] or studies[name].best_trial
        found[name] = replace(Choice(**winner.params), body=body)
    return found


def ended(study: optuna.Study) -> list[FrozenTrial]:
    """The trials that count: finished, or ended early as weak; not those that were broken off."""
    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))


def open_study(run: Path, name: str) -> optuna.Study:
    """A study that the search left under `run`. Raises KeyError where there is none of that name."""
    return optuna.load_study(study_name=name, storage=_storage(run))


def _study(run: Path, name: str, seed: int = 0) -> optuna.Study:
    study = optuna.create_study(
        study_name=name,
        storage=_storage(run),
        load_if_exists=True,
        direction="maximize",
    )
    # A study that goes on must not propose its first trials again.
    study.sampler = optuna.samplers.TPESampler(seed=1000 * seed + len(study.trials))
    return study


def _storage(run: Path) -> str:
    return f"sqlite:///{run / STORAGE}"


def _try_choices(study: optuna.Study, contest: Contest) -> None:
    def objective(trial: optuna.Trial) -> float:
        choice = Choice(
            body=trial.suggest_categorical("body", list(contest.settings.bodies)),
            # More of its own, or faster, and a member forgets what its body knew: member B by .2 has a point
            # less on IMFDB and a point more on FER2013 than by .45.
            own_share=trial.suggest_float("own_share", 0.15, 0.45),
            balance=trial.suggest_categorical("balance", list(KINDS)),
            # Fully balanced by under-sampling, FER2013 would be 389 pictures a class.
            balance_strength=trial.suggest_float("balance_strength", 0.2, 0.6),
            # Twice the strength that the bodies were refined with cost a point of FER2013, with more blur.
            augmentation=trial.suggest_float("augmentation", 0.3, 1.0),
            learning_rate=trial.suggest_float("learning_rate", 0.003, 0.015, log=True),
        )

        def tell(epoch: int, value: float) -> None:
            trial.report(value, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned

        return contest.score(choice, trial.number, tell)

    # Each body with each kind of balancing comes first, and none of these trials is ended early: the best
    # choice of a weak body would be, beside the worst of a strong one, and `assign_bodies` needs them all.
    firsts = [{"body": body, "balance": kind} for kind in KINDS for body in contest.settings.bodies]
    for first in firsts:
        study.enqueue_trial(first, skip_if_exists=True)
    study.pruner = optuna.pruners.MedianPruner(n_startup_trials=len(firsts), n_warmup_steps=1)
    # A trial that was broken off is not counted, and another is run in its place.
    while len(ended(study)) < contest.settings.search.trials[contest.name]:
        study.optimize(objective, n_trials=1)
        _print_last(study)


def _compare_balancing(study: optuna.Study, contest: Contest) -> None:
    """The member as its settings have it with each kind of balancing in turn, several seeds each."""
    member = contest.settings.members[contest.name]
    usual = Choice(**{field: getattr(member, field) for field in Choice.__dataclass_fields__})

    def objective(trial: optuna.Trial) -> float:
        kind = trial.suggest_categorical("balance", list(KINDS))
        seed = trial.suggest_int("seed", 0, contest.settings.search.balance_seeds - 1)
        return contest.score(replace(usual, balance=kind), seed, lambda *_: None)

    done = [(trial.params["balance"], trial.params["seed"]) for trial in ended(study)]
    for seed in range(contest.settings.search.balance_seeds):
        for kind in KINDS:
            if (kind, seed) not in done:
                study.enqueue_trial({"balance": kind, "seed": seed})
                study.optimize(objective, n_trials=1)
                _print_last(study)


def _noise(balancing: optuna.Study) -> float:
    """The standard deviation of scores between seeds of one kind of balancing, pooled over the kinds."""
    by_kind: dict[str, list[float]] = {}
    for trial in _finished(balancing):
        by_kind.setdefault(trial.params["balance"], []).append(_value(trial))
    variances = [float(np.var(scores, ddof=1)) for scores in by_kind.values() if len(scores) > 1]
    # At least a thousandth: drawn faces may score the same with every seed.
    return max(1e-3, float(np.sqrt(np.mean(variances)))) if variances else 1.0


def _finished(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))


def _value(trial: FrozenTrial | None) -> float:
    # Worse than any finished trial, yet finite, so that an assignment always exists.
    return -1.0 if trial is None or trial.value is None else trial.value


def _print_last(study: optuna.Study) -> None:
    last = ended(study)[-1]
    print(
        f"{study.study_name} trial {last.number} {last.state.name.lower()}: {last.value} {last.params}",
        flush=True,
    )
