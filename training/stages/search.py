"""AutoML: short trials find each member's backbone, mix, augmentation, balancing and learning rate.

Optuna proposes trials (tree-structured Parzen estimator, Bergstra et al., "Algorithms for Hyper-Parameter
Optimization", 2011) and ends weak ones early (median rule). A trial starts from one of the trained backbones,
because so short a training of a fresh network would rank at random. Studies are kept in `search.sqlite`, so a
search that was stopped goes on with the next trial.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import torch
from optuna.trial import FrozenTrial, TrialState
from scipy.optimize import linear_sum_assignment

from training.data.balance import KINDS
from training.data.crops import Crops, read_split
from training.model.inference import scores_by_source
from training.model.trainer import Training, initial_weights, select
from training.settings import OLD_NAMES, Hyperparameters, Settings
from training.stages.finetune import member_plan

STORAGE = "search.sqlite"
WINNERS = "winners.json"
_PINNED = 1e9  # more than any score divided by its noise


@dataclass(frozen=True)
class Objective:
    """What Optuna maximises for one member: the score of a short training with some hyperparameters."""

    run: Path
    name: str
    settings: Settings
    train: Crops
    validation: Crops

    def score(
        self, hyperparameters: Hyperparameters, seed: int, report: Callable[[int, float], None]
    ) -> float:
        """Macro-F1 on the member's own validation crops after a training of the search's length, on labels
        alone.

        `report` is called with every epoch's number and score. It may end the trial by raising an exception.
        """
        search = self.settings.search
        member = replace(
            hyperparameters.of(self.settings.members[self.name]),
            epochs=search.epochs,
            epoch_pictures=search.epoch_pictures,
            seed=seed,
        )
        plan = member_plan(replace(self.settings, members={self.name: member}), self.name)
        training = Training(plan, self.settings.optimiser, self.train, initial_weights(self.run, plan))
        value = 0.0
        while not training.finished:
            training.run_epoch()
            scores = scores_by_source(training.averaged, self.validation, self.settings.optimiser.precision)
            value = scores[member.source]["macro_f1"]
            report(training.epoch, value)
        return value


def search(run: Path, settings: Settings, only: str | None = None) -> None:
    """Compare the kinds of balancing over several seeds and search, for every member that the settings have
    trials for, or for `only` one of them.

    Writes `search.sqlite` under `run` and, once every such member's search is at its end, `winners.json`
    (member → hyperparameters), which `finetune` uses. Raises ValueError for an `only` that is not searched,
    and if no member is.
    """
    if not settings.searched:
        raise ValueError("the table [search] has trials for no member, so there is nothing to search")
    torch.set_num_threads(settings.optimiser.threads)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    train, validation = read_split(run, "train"), read_split(run, "validation")
    for name in select(settings.searched, only):
        member = settings.members[name]
        own = validation.of(validation.sources == member.source)
        objective = Objective(run, name, settings, train, own)
        _compare_balancing(_study(run, f"balance-{name}"), objective)
        _search_hyperparameters(_study(run, f"member-{name}", member.seed), objective)
    studies = {name: _study(run, f"member-{name}") for name in settings.searched}
    if all(len(ended(study)) >= settings.search.trials[name] for name, study in studies.items()):
        noises = {name: _noise(open_study(run, f"balance-{name}")) for name in settings.searched}
        pinned = {
            name: m.pinned["backbone"] for name, m in settings.searched.items() if "backbone" in m.pinned
        }
        others = settings.members.keys() - settings.searched.keys()
        taken = {settings.members[name].backbone for name in others}
        free = [backbone for backbone in settings.backbones if backbone not in taken]
        found = assign_backbones(studies, free, noises, pinned)
        described = {name: asdict(hyperparameters) for name, hyperparameters in found.items()}
        (run / WINNERS).write_text(json.dumps(described, indent=2) + "\n")


def with_winners(settings: Settings, run: Path) -> Settings:
    """The settings with what the search found, except for what a member pins. Without a search they stay as
    they are, and so does a member that is not searched."""
    if not (run / WINNERS).exists():
        return settings
    found = json.loads((run / WINNERS).read_text())
    searched = {
        name: replace(_hyperparameters(found[name]).of(member), **member.pinned)
        for name, member in settings.searched.items()
    }
    return replace(settings, members=settings.members | searched)


def assign_backbones(
    studies: dict[str, optuna.Study], backbones: list[str], noises: dict[str, float], pinned: dict[str, str]
) -> dict[str, Hyperparameters]:
    """The hyperparameters of each member, such that no two members have the same backbone.

    Among all assignments it is the one with the greatest sum of the members' best scores, each divided by its
    member's noise.

    noises: the standard deviation of a member's score when only the seed differs. JAFFE has few validation
    pictures, so its scores vary more at random than those on IMFDB's thousands do between backbones; without
    the division it would decide alone. pinned: member → the backbone that it has in any case. A member that
    never finished a trial with a backbone gets it only if there is no other way.
    """
    best = {
        (name, backbone): max(
            (t for t in _finished(study) if params_of(t)["backbone"] == backbone),
            key=lambda trial: trial.value or 0.0,
            default=None,
        )
        for name, study in studies.items()
        for backbone in backbones
    }
    scores = np.array(
        [
            [
                _PINNED if pinned.get(name) == backbone else _value(best[name, backbone]) / noises[name]
                for backbone in backbones
            ]
            for name in studies
        ]
    )
    rows, columns = linear_sum_assignment(-scores)
    found = {}
    for row, column in zip(rows, columns, strict=True):
        name, backbone = list(studies)[row], backbones[column]
        winner = best[name, backbone] or studies[name].best_trial
        found[name] = replace(_hyperparameters(winner.params), backbone=backbone)
    return found


def params_of(trial: FrozenTrial) -> dict[str, Any]:
    """A trial's hyperparameters by today's names. The committed study holds an older one, `body`."""
    return {OLD_NAMES.get(name, name): value for name, value in trial.params.items()}


def _hyperparameters(values: dict[str, Any]) -> Hyperparameters:
    return Hyperparameters(**{OLD_NAMES.get(name, name): value for name, value in values.items()})


def ended(study: optuna.Study) -> list[FrozenTrial]:
    """The trials that count: those that finished and those that were ended early because they were weak.

    Trials that were interrupted do not count.
    """
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


def _search_hyperparameters(study: optuna.Study, objective: Objective) -> None:
    def run_trial(trial: optuna.Trial) -> float:
        hyperparameters = Hyperparameters(
            backbone=trial.suggest_categorical("backbone", list(objective.settings.backbones)),
            # With more of its own set, or faster, a member forgets what its backbone knew: member B at .2 has
            # a point less on IMFDB and a point more on FER2013 than at .45.
            own_share=trial.suggest_float("own_share", 0.15, 0.45),
            balance=trial.suggest_categorical("balance", list(KINDS)),
            # Fully balanced by under-sampling, FER2013 would have 389 pictures a class.
            balance_strength=trial.suggest_float("balance_strength", 0.2, 0.6),
            # Twice the strength of the distillation, with more blur, cost a point of FER2013.
            augmentation=trial.suggest_float("augmentation", 0.3, 1.0),
            learning_rate=trial.suggest_float("learning_rate", 0.003, 0.015, log=True),
        )

        def report(epoch: int, value: float) -> None:
            trial.report(value, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned

        return objective.score(hyperparameters, trial.number, report)

    # Each backbone is tried with each kind of balancing first, and none of these trials is ended early,
    # because `assign_backbones` needs a score of every backbone, the weak ones too.
    firsts = [
        {"backbone": backbone, "balance": kind} for kind in KINDS for backbone in objective.settings.backbones
    ]
    for first in firsts:
        study.enqueue_trial(first, skip_if_exists=True)
    study.pruner = optuna.pruners.MedianPruner(n_startup_trials=len(firsts), n_warmup_steps=1)
    # A trial that was interrupted does not count, and another one takes its place.
    while len(ended(study)) < objective.settings.search.trials[objective.name]:
        study.optimize(run_trial, n_trials=1)
        _print_last(study)


def _compare_balancing(study: optuna.Study, objective: Objective) -> None:
    """Train the member, as its settings say, with each kind of balancing and several seeds each."""
    member = objective.settings.members[objective.name]
    usual = Hyperparameters(
        **{field: getattr(member, field) for field in Hyperparameters.__dataclass_fields__}
    )

    def run_trial(trial: optuna.Trial) -> float:
        kind = trial.suggest_categorical("balance", list(KINDS))
        seed = trial.suggest_int("seed", 0, objective.settings.search.balance_seeds - 1)
        return objective.score(replace(usual, balance=kind), seed, lambda *_: None)

    done = [(trial.params["balance"], trial.params["seed"]) for trial in ended(study)]
    for seed in range(objective.settings.search.balance_seeds):
        for kind in KINDS:
            if (kind, seed) not in done:
                study.enqueue_trial({"balance": kind, "seed": seed})
                study.optimize(run_trial, n_trials=1)
                _print_last(study)


def _noise(balancing: optuna.Study) -> float:
    """The standard deviation of scores between seeds of one kind of balancing, pooled over the kinds."""
    by_kind: dict[str, list[float]] = {}
    for trial in _finished(balancing):
        by_kind.setdefault(trial.params["balance"], []).append(_value(trial))
    variances = [float(np.var(scores, ddof=1)) for scores in by_kind.values() if len(scores) > 1]
    # At least a thousandth, because drawn faces may score the same with every seed.
    return max(1e-3, float(np.sqrt(np.mean(variances)))) if variances else 1.0


def _finished(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))


def _value(trial: FrozenTrial | None) -> float:
    # This is worse than any finished trial but finite, so an assignment always exists.
    return -1.0 if trial is None or trial.value is None else trial.value


def _print_last(study: optuna.Study) -> None:
    last = ended(study)[-1]
    print(
        f"{study.study_name} trial {last.number} {last.state.name.lower()}: {last.value} {last.params}",
        flush=True,
    )
