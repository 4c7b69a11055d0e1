"""The settings of the training: a TOML file, read into typed values."""

import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, ClassVar

from memegen.face.crop import CROP_SIZE, SMALL_SIZE

DEFAULT_FILE = Path(__file__).parent / "settings.toml"

FACE = "face"
"""The name of the face backbone, beside those in the table `backbones`."""


@dataclass(frozen=True)
class Prepare:
    validation_share: float
    test_share: float
    seed: int
    whole_photos: tuple[str, ...]


@dataclass(frozen=True)
class Augmentation:
    strength: float
    turn_degrees: float
    scale: float
    shift: float
    light: float
    contrast: float
    resample_chance: float
    jpeg_chance: float
    cutout_chance: float
    cutout_share: float
    glasses_chance: float = 0.0
    hand_chance: float = 0.0
    dark_chance: float = 0.0


@dataclass(frozen=True)
class Optimiser:
    batch: int
    weight_decay: float
    momentum: float
    ema_decay: float
    precision: str
    threads: int


@dataclass(frozen=True)
class Pretraining:
    learning_rate: float
    balance: str
    balance_strength: float
    mixup: float
    label_smoothing: float


@dataclass(frozen=True)
class Backbone:
    """input_size: the side, in pixels, of the crops that its networks read."""

    input_size: ClassVar[int] = SMALL_SIZE
    stem: int
    widths: tuple[int, ...]
    blocks: int
    dropout: float
    seed: int
    epochs: int
    distillation_epochs: tuple[int, ...] = ()


@dataclass(frozen=True)
class FaceBackbone:
    """The backbone that was trained to tell people apart.

    input_size: as Backbone's. frozen: how many of its first layers keep their weights.
    """

    input_size: ClassVar[int] = CROP_SIZE
    dropout: float
    frozen: int
    seed: int
    epochs: int
    learning_rate: float


AnyBackbone = Backbone | FaceBackbone


@dataclass(frozen=True)
class CrossFit:
    backbone: str
    folds: int
    shares: dict[str, float]
    label_smoothing: float
    learning_rate: float
    epochs: int
    epoch_pictures: int
    seed: int


@dataclass(frozen=True)
class Distillation:
    """share: how much of each target comes from the teacher. votes: the power to which the label posterior
    from FER+'s votes is raised in the teacher."""

    share: float
    votes: float
    learning_rate: float
    augmentation: float
    blur_chance: float


@dataclass(frozen=True)
class Occlusion:
    """The chances with which glasses, a hand or darkness are drawn on a picture of a member whose occlusion
    is 1."""

    glasses_chance: float
    hand_chance: float
    dark_chance: float


@dataclass(frozen=True)
class Search:
    """trials: by member. A member without any is not searched, and stays as its settings say."""

    trials: dict[str, int]
    epochs: int
    epoch_pictures: int
    balance_seeds: int


@dataclass(frozen=True)
class Folds:
    count: int
    epochs: int
    seed: int


@dataclass(frozen=True)
class Member:
    """resample_chance: the chance that a picture is shrunk and enlarged again, in place of the common
    blur_chance. fold_epochs: the epochs of its trainings without a fold, in place of the common number.
    pinned: fields of Hyperparameters that stay as they are, whatever the search finds."""

    source: str
    seed: int
    backbone: str
    also: dict[str, float]
    own_share: float
    balance: str
    balance_strength: float
    augmentation: float
    learning_rate: float
    epochs: int
    epoch_pictures: int
    occlusion: float = 0.0
    resample_chance: float | None = None
    fold_epochs: int | None = None
    pinned: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Hyperparameters:
    """What the search chooses for one member: fields of Member."""

    backbone: str
    own_share: float
    balance: str
    balance_strength: float
    augmentation: float
    learning_rate: float

    def of(self, member: Member) -> Member:
        """The member with these hyperparameters."""
        return replace(member, **asdict(self))


@dataclass(frozen=True)
class Settings:
    prepare: Prepare
    augmentation: Augmentation
    optimiser: Optimiser
    pretraining: Pretraining
    crossfit: CrossFit
    distillation: Distillation
    occlusion: Occlusion
    label_smoothing: dict[str, float]
    search: Search
    folds: Folds
    backbones: dict[str, Backbone]
    members: dict[str, Member]
    face_backbone: FaceBackbone | None = None

    @property
    def stages(self) -> list[str]:
        """What a backbone's trainings leave, in their order: pretrained, distilled1 and so on, backbone."""
        rounds = len(next(iter(self.backbones.values())).distillation_epochs)
        return ["pretrained", *(f"distilled{number}" for number in range(1, rounds)), "backbone"]

    def mild_augmentation(
        self, strength: float, occlusion: float = 0.0, resample_chance: float | None = None
    ) -> Augmentation:
        """The augmentation of the distillation and all later stages: of that strength, and with rare blur.

        occlusion: multiplies the chances of glasses, hands and darkness. resample_chance: in place of
        blur_chance.
        """
        chance = self.distillation.blur_chance
        return replace(
            self.augmentation,
            strength=strength,
            resample_chance=chance if resample_chance is None else resample_chance,
            jpeg_chance=chance,
            glasses_chance=occlusion * self.occlusion.glasses_chance,
            hand_chance=occlusion * self.occlusion.hand_chance,
            dark_chance=occlusion * self.occlusion.dark_chance,
        )

    def backbone_of(self, member: str) -> AnyBackbone:
        """The backbone that a member starts from. The member is a network of the same shape."""
        return self.all_backbones[self.members[member].backbone]

    @property
    def input_sizes(self) -> list[int]:
        """The sides, in pixels, of the crops that the members read, the smallest first."""
        return sorted({self.backbone_of(name).input_size for name in self.members})

    @property
    def searched(self) -> dict[str, Member]:
        """The members that the search has trials for."""
        return {name: member for name, member in self.members.items() if name in self.search.trials}

    @property
    def all_backbones(self) -> dict[str, AnyBackbone]:
        """The backbones of the table, and the face backbone if there is one."""
        return {**self.backbones, **({FACE: self.face_backbone} if self.face_backbone else {})}


OLD_NAMES = {
    "body": "backbone",
    "bodies": "backbones",
    "judges": "crossfit",
    "parts": "folds",
    "average": "ema_decay",
    "refined_epochs": "distillation_epochs",
    "kept": "pinned",
}
"""Names of tables and settings in files of earlier versions → their names today."""

_TABLES: dict[str, type] = {
    "prepare": Prepare,
    "augmentation": Augmentation,
    "optimiser": Optimiser,
    "pretraining": Pretraining,
    "distillation": Distillation,
    "crossfit": CrossFit,
    "occlusion": Occlusion,
    "label_smoothing": dict,
    "search": Search,
    "folds": Folds,
    "face_backbone": FaceBackbone,
}
_OPTIONAL = {"face_backbone"}
_NAMED_TABLES: dict[str, type] = {"backbones": Backbone, "members": Member}


def read_settings(file: Path = DEFAULT_FILE) -> Settings:
    """The settings in a TOML file.

    A file with the names of an earlier version is read too. Raises ValueError, which names the file and the
    table, if a table or a setting is missing or unknown, if a member or the cross-fitting names a backbone
    that the file lacks or that is not for it, if backbones have unlike numbers of rounds, if there are trials
    for what is no member, if a member pins what is not searched, and if it draws from a source without label
    smoothing.
    """
    tables = _with_todays_names(tomllib.loads(file.read_text()))
    expected = {*_TABLES, *_NAMED_TABLES}
    if set(tables) | _OPTIONAL != expected:
        raise ValueError(f"{file} has the tables {sorted(tables)}; expected are {sorted(expected)}")
    read = {
        name: _read_table(file, kind, tables[name], name) for name, kind in _TABLES.items() if name in tables
    }
    for group, kind in _NAMED_TABLES.items():
        read[group] = {
            name: _read_table(file, kind, values, f"{group}.{name}") for name, values in tables[group].items()
        }
    settings = Settings(**read)
    for error in _errors(settings):
        raise ValueError(f"{file}{error}")
    return settings


def _with_todays_names(tables: dict[str, Any]) -> dict[str, Any]:
    """The tables with every old name replaced, and the former table `refinement` inside `distillation`."""

    def renamed(table: dict[str, Any]) -> dict[str, Any]:
        return {OLD_NAMES.get(name, name): value for name, value in table.items()}

    found = renamed(tables)
    for name in found.keys() - {"label_smoothing"}:  # its keys are names of sources
        if name in _NAMED_TABLES:
            found[name] = {inner: renamed(values) for inner, values in found[name].items()}
        else:
            found[name] = renamed(found[name])
    for member in found.get("members", {}).values():
        if "pinned" in member:
            member["pinned"] = renamed(member["pinned"])
    refinement = found.pop("refinement", {})
    if refinement and "distillation" in found:
        found["distillation"] = {**refinement, **found["distillation"]}
    return found


def _read_table(file: Path, kind: type, values: dict[str, Any], name: str) -> Any:
    try:
        return kind(**{key: tuple(v) if isinstance(v, list) else v for key, v in values.items()})
    except TypeError as error:
        raise ValueError(f"{file}, table [{name}]: {error}") from error


def _errors(settings: Settings) -> Iterator[str]:
    """What is wrong between the tables, to stand after the file's name."""
    rounds = {name: len(backbone.distillation_epochs) for name, backbone in settings.backbones.items()}
    if len(set(rounds.values())) > 1 or 0 in rounds.values():
        yield (
            f": the backbones' distillation_epochs have {rounds} numbers; expected is one number for "
            "each round, and as many for every backbone"
        )
    used: dict[str, tuple[str, list[str]]] = {
        "crossfit": (settings.crossfit.backbone, list(settings.backbones))
    }
    for name, member in settings.members.items():
        # The search compares the backbones of the table alone.
        known = list(settings.backbones if name in settings.searched else settings.all_backbones)
        used[f"members.{name}"] = member.backbone, known
        used[f"members.{name}.pinned"] = member.pinned.get("backbone", member.backbone), known
    for table, (chosen, known) in used.items():
        if chosen not in known:
            yield f", table [{table}]: the backbone is {chosen!r}; expected is one of {', '.join(known)}"
    if unknown := set(settings.search.trials) - set(settings.members):
        yield (
            f", table [search]: there are trials for {', '.join(sorted(unknown))}; the members are "
            f"{', '.join(settings.members)}"
        )
    searched = [field.name for field in fields(Hyperparameters)]
    for name, member in settings.members.items():
        if unknown := set(member.pinned) - set(searched):
            yield (
                f", table [members.{name}.pinned]: {', '.join(sorted(unknown))} is not searched; "
                f"{', '.join(searched)} are"
            )
        if missing := {member.source, *member.also} - set(settings.label_smoothing):
            yield (
                f", table [label_smoothing]: {', '.join(sorted(missing))} is missing, "
                f"from which member {name} draws"
            )
