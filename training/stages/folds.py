"""Member A's small set as every member reads it, each subject by a network that never saw that subject.

The set is so small that its few validation subjects alone would say little.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from memegen.options import EXPRESSIONS
from training.arrays import Float32s, Texts
from training.data.crops import Crops, read_split, read_votes
from training.model.inference import logits_of
from training.model.network import read_network
from training.model.trainer import one_hot, select, train_to_end
from training.settings import Settings
from training.stages.finetune import member_plan, soft_targets

FOLDED = "a"
"""The member whose set is read in this way."""


def fit_folds(run: Path, settings: Settings, only: str | None = None) -> None:
    """Train every member, or `only` the one of that name, once for each group of subjects, with that group
    left out; and member A once more on all of them, so that the test subjects can be read.

    Writes `fold-<member>-<subjects>.pt`, `fold-a-none.pt` and `folds-<member>.npy` under `run`: logits (n, 7)
    of the crops of `folded_crops`. A member that draws nothing from the set reads it as it was trained.
    Raises ValueError for an unknown name, and if a backbone or such a member is missing.
    """
    torch.set_num_threads(settings.optimiser.threads)
    source = settings.members[FOLDED].source
    train, validation = read_split(run, "train"), read_split(run, "validation")
    own = folded_crops(train, validation, source)
    apart = train.sources != source
    others, votes = train.of(apart), read_votes(run, "train")
    for name in select(settings.members, only):
        if source in member_plan(settings, name).source_shares:
            targets = soft_targets(run, settings, train, votes)[apart]
            logits = _left_out_logits(run, settings, name, own, others, targets)
        else:
            model = read_network(run, f"member-{name}", settings.backbone_of(name))
            logits = logits_of(model, own.pictures)
        np.save(folds_file(run, name), logits)
        accuracy = float((logits.argmax(axis=1) == own.labels).mean())
        print(f"{source} by member {name}: {accuracy:.3f} of {len(own.labels)} unseen pictures are right")


def folds_file(run: Path, member: str) -> Path:
    """The file in which `fit_folds` leaves a member's logits."""
    return run / f"folds-{member}.npy"


def folded_crops(train: Crops, validation: Crops, source: str) -> Crops:
    """The crops of the source from both splits, those of train first."""
    first, second = (crops.of(crops.sources == source) for crops in (train, validation))
    return first.plus(second)


def _left_out_logits(
    run: Path, settings: Settings, name: str, own: Crops, others: Crops, targets: Float32s
) -> Float32s:
    """Logits (n, 7) of the `own` crops; `targets` are the soft targets of the `others`."""
    logits = np.zeros((len(own.labels), len(EXPRESSIONS)), np.float32)
    groups = _groups_of(own.people, settings.folds.left_out[name])
    for group in [*groups, []] if name == FOLDED else groups:
        unseen = np.isin(own.people, group)
        plan = replace(member_plan(settings, name), name=f"fold-{name}-{'-'.join(group) or 'none'}")
        seen, share = own.of(~unseen), settings.distillation.share
        # There are no soft labels for this set, so its targets are the labels.
        known = np.concatenate([targets, one_hot(seen.labels)])
        train_to_end(run, plan, settings.optimiser, others.plus(seen), own.of(unseen), known, share)
        if group:
            logits[unseen] = logits_of(read_network(run, plan.name, plan.backbone), own.pictures[unseen])
    return logits


def _groups_of(people: Texts, size: int) -> list[list[str]]:
    """The people, sorted by name, in groups of `size`; the last group may be smaller."""
    names = sorted(set(people.tolist()))
    return [names[start : start + size] for start in range(0, len(names), size)]
