"""Member A's set by every member, each of its subjects read by a network that never saw that subject.

The set is too small for its validation people to say much.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from memegen.options import EXPRESSIONS
from training.data.prepare import Crops, read_split
from training.model.loop import Floats, logits_of, one_hot
from training.model.network import read_fitted
from training.model.trainer import chosen_of, fit_one
from training.settings import Settings
from training.stages.finetune import known_of, member_plan

FOLDED = "a"
"""The member whose set is read so."""


def fit_folds(run: Path, settings: Settings, only: str | None = None) -> None:
    """Fits every member, or `only` the one of that name, once for each group of subjects of the splits train
    and validation, that group left out; and member A once with none left out, by which the test subjects can
    be read.

    Leaves `fold-<member>-<subjects>.pt`, `fold-a-none.pt` and `folds-<member>.npy` under `run`: logits (n, 7)
    of the pictures of `folded_crops`. A member that draws nothing from the set reads it as it was fitted.
    Raises ValueError for an unknown name and when a body or such a member is missing.
    """
    torch.set_num_threads(settings.optimiser.threads)
    source = settings.members[FOLDED].source
    own = folded_crops(run, source)
    for name in chosen_of(settings.members, only):
        if source in member_plan(settings, name).source_shares:
            logits = _left_out_logits(run, settings, name, own)
        else:
            model = read_fitted(run, f"member-{name}", settings.body_of(name))
            logits = logits_of(model, own.pictures)
        np.save(folds_file(run, name), logits)
        accuracy = float((logits.argmax(axis=1) == own.labels).mean())
        print(
            f"{source} by member {name}: {accuracy:.3f} of {len(own.labels)} pictures right, none seen before"
        )


def folds_file(run: Path, member: str) -> Path:
    """Where `fit_folds` leaves a member's logits."""
    return run / f"folds-{member}.npy"


def folded_crops(run: Path, source: str) -> Crops:
    """The source's crops of train and validation together."""
    splits = [read_split(run, split) for split in ("train", "validation")]
    first, second = (crops.of(crops.sources == source) for crops in splits)
    return first.plus(second)


def _left_out_logits(run: Path, settings: Settings, name: str, own: Crops) -> Floats:
    train = read_split(run, "train")
    apart = train.sources != settings.members[FOLDED].source
    others, known = train.of(apart), known_of(run, settings, train)[apart]
    logits = np.zeros((len(own.labels), len(EXPRESSIONS)), np.float32)
    groups = _groups_of(own.people, settings.folds.left_out[name])
    for group in [*groups, []] if name == FOLDED else groups:
        unseen = np.isin(own.people, group)
        plan = replace(member_plan(settings, name), name=f"fold-{name}-{'-'.join(group) or 'none'}")
        seen, share = own.of(~unseen), settings.distillation.share
        # Nobody judges this set: its labels are all that is known.
        targets = np.concatenate([known, one_hot(seen.labels)])
        fit_one(run, plan, settings.optimiser, others.plus(seen), own.of(unseen), targets, share)
        if group:
            logits[unseen] = logits_of(read_fitted(run, plan.name, plan.body), own.pictures[unseen])
    return logits


def _groups_of(people: npt.NDArray[np.str_], size: int) -> list[list[str]]:
    """The people by name in groups of `size`, the last of what is left."""
    names = sorted(set(people.tolist()))
    return [names[start : start + size] for start in range(0, len(names), size)]
