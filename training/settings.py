"""The training settings: one readable TOML file, read into typed values."""

import tomllib
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

DEFAULT_FILE = Path(__file__).parent / "settings.toml"


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


@dataclass(frozen=True)
class Optimiser:
    batch: int
    weight_decay: float
    momentum: float
    average: float
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
class Refinement:
    learning_rate: float
    augmentation: float
    blur_chance: float


@dataclass(frozen=True)
class Body:
    stem: int
    widths: tuple[int, ...]
    blocks: int
    dropout: float
    seed: int
    epochs: int
    refined_epochs: tuple[int, ...] = ()


@dataclass(frozen=True)
class Judges:
    body: str
    parts: int
    shares: dict[str, float]
    label_smoothing: float
    learning_rate: float
    epochs: int
    epoch_pictures: int
    seed: int


@dataclass(frozen=True)
class Distillation:
    share: float
    votes: float


@dataclass(frozen=True)
class Search:
    trials: dict[str, int]
    epochs: int
    epoch_pictures: int
    balance_seeds: int


@dataclass(frozen=True)
class Folds:
    left_out: dict[str, int]


@dataclass(frozen=True)
class Member:
    """kept: fields of Choice that are so whatever the search finds."""

    source: str
    seed: int
    body: str
    also: dict[str, float]
    own_share: float
    balance: str
    balance_strength: float
    augmentation: float
    learning_rate: float
    epochs: int
    epoch_pictures: int
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """What the search decides for one member: fields of Member."""

    body: str
    own_share: float
    balance: str
    balance_strength: float
    augmentation: float
    learning_rate: float

    def of(self, member: Member) -> Member:
        """The member with this choice made."""
        return replace(member, **asdict(self))


@dataclass(frozen=True)
class Settings:
    prepare: Prepare
    augmentation: Augmentation
    optimiser: Optimiser
    pretraining: Pretraining
    refinement: Refinement
    judges: Judges
    distillation: Distillation
    label_smoothing: dict[str, float]
    search: Search
    folds: Folds
    bodies: dict[str, Body]
    members: dict[str, Member]

    @property
    def stages(self) -> list[str]:
        """What a body becomes, training by training: draft, round1 and so on, body."""
        rounds = len(next(iter(self.bodies.values())).refined_epochs)
        return ["draft", *(f"round{number}" for number in range(1, rounds)), "body"]

    def refined_augmentation(self, strength: float) -> Augmentation:
        """How pictures are changed from the refinement on: by that strength, and seldom blurred."""
        chance = self.refinement.blur_chance
        return replace(self.augmentation, strength=strength, resample_chance=chance, jpeg_chance=chance)

    def body_of(self, member: str) -> Body:
        """The body that a member starts from, which is its network too."""
        return self.bodies[self.members[member].body]


def read_settings(file: Path = DEFAULT_FILE) -> Settings:
    """The settings in a TOML file.

    Raises ValueError that names the file and the table when a table or a setting is missing or unknown, when
    a member or the judges name no body of the file, when a member keeps what is not searched, and when it
    draws from a source whose label smoothing is missing.
    """
    tables = tomllib.loads(file.read_text())

    def table(kind: type, values: dict[str, Any], name: str) -> Any:
        try:
            return kind(**{key: tuple(v) if isinstance(v, list) else v for key, v in values.items()})
        except TypeError as fault:
            raise ValueError(f"{file}, table [{name}]: {fault}") from fault

    single = {
        "prepare": Prepare,
        "augmentation": Augmentation,
        "optimiser": Optimiser,
        "pretraining": Pretraining,
        "refinement": Refinement,
        "judges": Judges,
        "distillation": Distillation,
        "label_smoothing": dict,
        "search": Search,
        "folds": Folds,
    }
    named = {"bodies": Body, "members": Member}
    expected = {*single, *named}
    if set(tables) != expected:
        raise ValueError(f"{file} has the tables {sorted(tables)}; expected are {sorted(expected)}")
    read = {name: table(kind, tables[name], name) for name, kind in single.items()}
    for group, kind in named.items():
        read[group] = {name: table(kind, values, f"{group}.{name}") for name, values in tables[group].items()}
    settings = Settings(**read)
    rounds = {name: len(body.refined_epochs) for name, body in settings.bodies.items()}
    if len(set(rounds.values())) > 1 or 0 in rounds.values():
        raise ValueError(
            f"{file}: the bodies' refined_epochs have {rounds} numbers; expected is one for each round, "
            "as many for every body"
        )
    named_bodies = {"judges": settings.judges.body}
    for name, member in settings.members.items():
        named_bodies[f"members.{name}"] = member.body
        named_bodies[f"members.{name}.kept"] = member.kept.get("body", member.body)
    for name, body in named_bodies.items():
        if body not in settings.bodies:
            raise ValueError(
                f"{file}, table [{name}]: the body is {body!r}; the file has {', '.join(settings.bodies)}"
            )
    for name, member in settings.members.items():
        searched = [known.name for known in fields(Choice)]
        unknown = set(member.kept) - set(searched)
        if unknown:
            raise ValueError(
                f"{file}, table [members.{name}.kept]: {', '.join(sorted(unknown))} is not searched; "
                f"{', '.join(searched)} are"
            )
        missing = {member.source, *member.also} - set(settings.label_smoothing)
        if missing:
            lacking = ", ".join(sorted(missing))
            raise ValueError(f"{file}, table [label_smoothing]: no {lacking}, from which member {name} draws")
    return settings
