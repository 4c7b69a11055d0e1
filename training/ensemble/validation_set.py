"""The common validation set: pictures of every source, as every member reads them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from memegen.face.expressions import softmax
from training.arrays import ClassIndices, Float64s, Texts
from training.data.crops import Crops, read_split
from training.model.inference import logits_of
from training.model.network import read_network
from training.settings import Settings
from training.stages.folds import folded_crops, read_folds


@dataclass(frozen=True)
class ValidationSet:
    """The common validation set as the members read it.

    logits: (n, members, 7). labels: (n,). sources, people: (n,) text. weights: (n,), see `source_weights`.
    """

    logits: Float64s
    labels: ClassIndices
    sources: Texts
    people: Texts
    weights: Float64s

    def of(self, chosen: npt.NDArray[np.generic]) -> "ValidationSet":
        """The part of the set that indices or a mask choose."""
        return ValidationSet(
            self.logits[chosen],
            self.labels[chosen],
            self.sources[chosen],
            self.people[chosen],
            self.weights[chosen],
        )

    def probabilities(self, temperatures: Float64s) -> Float64s:
        """Probabilities (n, members, 7), from each member's logits divided by its temperature, (members,)."""
        return softmax(self.logits / temperatures[:, None])


def read_validation_set(run: Path, settings: Settings) -> tuple[Crops, ValidationSet]:
    """The common validation set: its small crops, and how the members read it.

    It has the validation people of every source, read by the members, and the training people of all but the
    pool, read by the members as they are without them. Raises ValueError when the members or the folds are
    not there yet.
    """
    validation = read_split(run, "validation")
    crops = validation.plus(folded_crops(read_split(run, "train")))
    logits = []
    for name in settings.members:
        backbone = settings.backbone_of(name)
        member = read_network(run, f"member-{name}", backbone)
        pictures = read_split(run, "validation", backbone.input_size).pictures
        rows = np.concatenate([logits_of(member, pictures), read_folds(run, name)])
        logits.append(rows.astype(np.float64))
    return crops, ValidationSet(
        np.stack(logits, axis=1),
        crops.labels.astype(np.int64),
        crops.sources,
        crops.people,
        source_weights(crops.sources),
    )


def source_weights(sources: Texts) -> Float64s:
    """How much each picture (n,) counts, with a mean of 1: a source counts by the root of its pictures.

    The pictures of a source err alike, so ten times as many bear less than ten times as much; and a set of a
    few people must not count as much as one of thousands.
    """
    _, places, counts = np.unique(sources, return_inverse=True, return_counts=True)
    weights = counts[places] ** -0.5
    return np.asarray(weights / weights.mean())
