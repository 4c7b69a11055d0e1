"""requirements.txt: all that is deployed, with hashes, as installed here; THIRD_PARTY.md names each."""

import re
from importlib.metadata import distribution, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.txt").read_text()
ASKED = [
    Requirement(line)
    for line in (ROOT / "requirements.in").read_text().splitlines()
    if line and not line.startswith("#")
]
DEPLOYED = {"python_version": "3.11", "python_full_version": "3.11.0", "sys_platform": "linux"}
DEPLOYED |= {"platform_system": "Linux", "platform_machine": "x86_64", "implementation_name": "cpython"}
DEPLOYED |= {"platform_python_implementation": "CPython", "os_name": "posix"}

# name==version, then at least one hash and nothing else: no marker, no address.
ENTRY = re.compile(r"^([a-z0-9-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)
LOCKED = {name: pin for name, pin, _ in ENTRY.findall(LOCK)}


def needed(requirement: Requirement, extra: str = "") -> bool:
    return requirement.marker is None or requirement.marker.evaluate({**DEPLOYED, "extra": extra})


def test_each_line_is_a_pin_with_hashes_and_wheels_alone_are_taken():
    rest = ENTRY.sub("", "".join(line for line in LOCK.splitlines(True) if not line.startswith("#")))
    assert rest.split("\n") == ["--only-binary :all:", *[""] * (rest.count("\n"))]
    assert "://" not in LOCK


def test_what_is_asked_for_is_locked_as_asked():
    for requirement in ASKED:
        pinned = LOCKED.get(canonicalize_name(requirement.name))
        if needed(requirement):
            assert requirement.specifier.contains(pinned), f"{requirement}, not {pinned}: run make lock"
        else:
            assert pinned is None


def test_nothing_is_locked_but_what_is_asked_for_and_what_that_needs():
    waiting = [(canonicalize_name(each.name), frozenset(each.extras)) for each in ASKED if needed(each)]
    seen = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        for line in distribution(name).requires or []:
            requirement = Requirement(line)
            if any(needed(requirement, extra) for extra in (*extras, "")):
                waiting.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    assert {name for name, _ in seen} == set(LOCKED)


@pytest.mark.parametrize("name", sorted(LOCKED))
def test_the_tests_run_what_is_deployed(name: str):
    assert version(name) == LOCKED[name]


def listed_licences() -> dict[str, str]:
    text = (ROOT / "THIRD_PARTY.md").read_text()
    section = text.split("## Installed beside it: the functions")[1].split("\n##")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")][2:]
    return {
        canonicalize_name(name): row[0].strip()
        for cell, *row in rows
        for name in re.split(r",\s*", cell.strip())
    }


def test_third_party_lists_what_is_deployed_and_nothing_else():
    other_runtimes = {"ai-edge-litert"}  # on Python 3.12, which nothing is deployed on yet
    assert set(listed_licences()) - other_runtimes == set(LOCKED)


# What a package's own metadata must say to be listed so. Not each says which BSD licence it means.
STATED_AS = {
    "Apache-2.0": "Apache",
    "Apache-2.0 and CNRI-Python": "Apache-2.0 AND CNRI-Python",
    "Apache-2.0 or BSD-2-Clause": "Apache-2.0 OR BSD-2-Clause",
    "Apache-2.0 or BSD-3-Clause": "Apache-2.0 OR BSD-3-Clause",
    "BSD-2-Clause": "BSD",
    "BSD-3-Clause": "BSD",
    "MIT": "MIT",
    "MIT-0": "MIT-0",
    "MIT-CMU": "MIT-CMU",
    "MPL-2.0": "MPL-2.0",
    "PSF-2.0": "PSF-2.0",
}


@pytest.mark.parametrize("name", sorted(LOCKED))
def test_the_listed_licence_is_what_the_package_says(name: str):
    licence = listed_licences()[name]
    meta = distribution(name).metadata
    classifiers = [each for each in meta.get_all("Classifier", []) if each.startswith("License")]
    stated = "\n".join([meta["License-Expression"] or "", meta["License"] or "", *classifiers])
    assert STATED_AS[licence] in stated, f"{licence}, but the package says {stated[:300]}"
