"""Member A's recipe on every subject of its set, each read by a network that never saw that subject."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from memegen.options import EXPRESSIONS
from training.fit import fit_one, member_plan
from training.loop import logits_of
from training.network import read_fitted
from training.prepare import Crops, read_split
from training.settings import Settings
from training.teacher import teacher_of

FOLDED = "a"
"""The member whose set is too small for its validation people to say much."""


def fit_folds(run: Path, settings: Settings) -> None:
    """Fits member A once for each subject of the splits train and validation, that subject left out, and once
    with none left out, by which the test subjects can be read.

    Leaves `fold-<subject>.pt`, `fold-none.pt` and `folds.npz` under `run`: `logits` (n, 7) of the pictures of
    `folded_crops`, each from the network that left its subject out.
    """
    torch.set_num_threads(settings.optimiser.threads)
    train, validation = read_split(run, "train"), read_split(run, "validation")
    source = settings.members[FOLDED].source
    own = folded_crops(run, source)
    others, teacher = train.of(train.sources != source), teacher_of(run, settings)
    logits = np.zeros((len(own.labels), len(EXPRESSIONS)), np.float32)
    for subject in ("none", *sorted(set(own.people.tolist()))):
        kept = own.people != subject
        plan = replace(member_plan(settings, FOLDED), name=f"fold-{subject}")
        share = settings.distillation.share
        fit_one(run, plan, settings.optimiser, others.plus(own.of(kept)), validation, teacher, share)
        if subject != "none":
            model = read_fitted(run, plan.name, plan.body)
            logits[~kept] = logits_of(model, own.pictures[~kept])
    np.savez(run / "folds.npz", logits=logits)
    accuracy = float((logits.argmax(axis=1) == own.labels).mean())
    print(f"{source}: {accuracy:.3f} of {len(own.labels)} pictures right, each subject left out in turn")


def folded_crops(run: Path, source: str) -> Crops:
    """The source's crops of train and validation together."""
    splits = [read_split(run, split) for split in ("train", "validation")]
    first, second = (crops.of(crops.sources == source) for crops in splits)
    return first.plus(second)
