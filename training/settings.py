"""The training settings: one readable TOML file, read into typed values."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT_FILE = Path(__file__).parent / "settings.toml"


@dataclass(frozen=True)
class Prepare:
    validation_share: float
    test_share: float
    seed: int


@dataclass(frozen=True)
class Network:
    widths: tuple[int, ...]
    blocks: int
    dropout: float


@dataclass(frozen=True)
class Augmentation:
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
    label_smoothing: float
    precision: str
    threads: int


@dataclass(frozen=True)
class Body:
    seed: int
    epochs: int
    learning_rate: float
    balance: float


@dataclass(frozen=True)
class Member:
    source: str
    seed: int
    own_share: float
    balance: float
    epochs: int
    epoch_pictures: int
    learning_rate: float


@dataclass(frozen=True)
class Settings:
    prepare: Prepare
    network: Network
    augmentation: Augmentation
    optimiser: Optimiser
    body: Body
    members: dict[str, Member]


def read_settings(file: Path = DEFAULT_FILE) -> Settings:
    """The settings in a TOML file.

    Raises ValueError that names the file and the table when a table or a setting is missing or unknown.
    """
    tables = tomllib.loads(file.read_text())

    def table(kind: type, values: dict[str, Any], name: str) -> Any:
        try:
            return kind(**{key: tuple(v) if isinstance(v, list) else v for key, v in values.items()})
        except TypeError as fault:
            raise ValueError(f"{file}, table [{name}]: {fault}") from fault

    kinds = {
        "prepare": Prepare,
        "network": Network,
        "augmentation": Augmentation,
        "optimiser": Optimiser,
        "body": Body,
    }
    expected = {*kinds, "members"}
    if set(tables) != expected:
        raise ValueError(f"{file} has the tables {sorted(tables)}; expected are {sorted(expected)}")
    read = {name: table(kind, tables[name], name) for name, kind in kinds.items()}
    members = {name: table(Member, values, f"members.{name}") for name, values in tables["members"].items()}
    return Settings(members=members, **read)
