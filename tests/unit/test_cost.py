"""The cost of a meme, against figures worked out by hand from the price lists."""

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cloud.events import Upload
from cloud.processing import Processor
from cloud.storage import StoredObject
from tests.bench.benchmarks import cost
from tests.bench.benchmarks.cost import Meme, billed_seconds, dollars, load

MEME = Meme(milliseconds=410, photo_bytes=3_000_000, meme_bytes=250_000)


def test_a_started_tenth_of_a_second_is_billed_whole():
    assert billed_seconds(MEME) == pytest.approx(0.5)
    assert billed_seconds(Meme(400, 0, 0)) == pytest.approx(0.4)


def test_a_thousand_memes_by_what_is_paid_for():
    assert dollars(MEME, 1000) == pytest.approx(
        {
            "processor": 0.012,  # 500 vCPU-seconds at 0.000024
            "memory": 0.00125,  # 500 GiB-seconds at 0.0000025
            "requests": 0.0024,  # 6,000 at 0.40 a million
            "api": 0.01325,  # 5,000 tenths of a second at 0.0000265
            "event": 0.000149,  # 4 MB and 96 kB at 40 dollars a TiB
            "writes": 0.015,  # 3,000 at 0.005 a thousand
            "reads": 0.006,  # 15,000 at 0.0004 a thousand
            "storage": 0.002949,  # 2.794 GiB for a day and 0.2328 GiB for seven of a month's 30, at 0.02
            "fetched": 0.02794,  # 0.2328 GiB at 0.12
        },
        rel=0.002,
    )


def test_a_million_a_day():
    found = load(MEME, 1_000_000)
    assert found.instances == 6  # 11.57 a second, each half a second
    assert found.uploads_writes_a_second == pytest.approx(11.57, abs=0.01)
    assert found.memes_writes_a_second == pytest.approx(23.15, abs=0.01)
    assert found.reads_a_second == pytest.approx(173.6, abs=0.1)
    assert found.stored_gb == pytest.approx(3000 + 1750)
    assert found.dollars_a_day == pytest.approx(80.94, abs=0.05)


def test_a_peak_needs_more_instances_and_costs_no_more():
    even, peak = load(MEME, 1_000_000), load(MEME, 1_000_000, peak=5)
    assert peak.instances == 29  # 57.87 a second, each half a second
    assert peak.dollars_a_day == even.dollars_a_day


@dataclass
class CountedBucket:
    """A bucket in memory that counts reads and writes as Cloud Storage bills them."""

    name: str
    objects: dict[str, StoredObject] = field(default_factory=dict)
    bytes: dict[str, bytes] = field(default_factory=dict)
    reads: int = 0
    writes: int = 0

    def find(self, name):
        self.reads += 1
        return self.objects.get(name)

    def read(self, found, limit):
        self.reads += 1
        return self.bytes[found.name]

    def write(self, name, data, content_type, metadata, replaces):
        self.writes += 1
        self.bytes[name] = data
        self.objects[name] = StoredObject(
            name, 1, len(data), content_type, None, metadata, created=datetime.now(UTC)
        )
        return self.objects[name]


def test_the_reads_and_writes_of_a_meme_are_those_that_the_cost_counts():
    uploads, memes = CountedBucket("photos"), CountedBucket("memes")
    photo = (Path(__file__).parents[2] / "web" / "sample.jpg").read_bytes()
    uploads.write("me.jpg", photo, "image/jpeg", {}, 0)
    assert Processor(uploads, memes).process(Upload("photos", "me.jpg", 1, datetime.now(UTC))) == "done"
    assert uploads.writes + memes.writes == cost.WRITES_A_MEME
    assert uploads.reads + memes.reads == cost.READS_A_MEME


DOCS = Path(__file__).parents[2] / "docs"
BENCHMARKS = (DOCS / "benchmarks.md").read_text().split("\n## Cost\n")[1]


def measured() -> Meme:
    """The meme that docs/benchmarks.md measured, from its own words."""
    text = " ".join(BENCHMARKS.split())
    (milliseconds,) = re.findall(r"On the local cloud (\d+) ms pass", text)
    (photo,) = re.findall(r"A photo of ([\d.]+) MB is kept for a day", text)
    (meme,) = re.findall(r"A meme of ([\d.]+) MB is kept for seven days", text)
    return Meme(float(milliseconds), float(photo) * 1e6, float(meme) * 1e6)


def rows(text: str) -> dict[str, list[str]]:
    """First cell of each row of a table → the others."""
    cells = [line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\|.*\w", line)]
    return {first: others for first, *others in cells}


def test_the_benchmarks_say_what_the_prices_give_for_what_was_measured():
    """Bytes are rounded to 10,000 there, so the figures are as exact as that."""
    said = {
        what: float(cells[0])
        for what, cells in rows(BENCHMARKS.split("The cost and the load")[0]).items()
        if re.fullmatch(r"0\.\d{4}", cells[0])
    }
    prices = dollars(measured(), 1000)
    assert said.pop("**all**") == pytest.approx(sum(prices.values()), rel=0.02)
    assert said == pytest.approx(prices, rel=0.02, abs=0.00006)
    loads = rows(BENCHMARKS.split("The cost and the load")[1])
    for a_day in (1_000, 100_000, 1_000_000):
        *_, reads, _, a_days_dollars = loads[f"{a_day:,}"]
        found = load(measured(), a_day)
        assert float(reads) == pytest.approx(found.reads_a_second, abs=0.06)
        assert float(a_days_dollars) == pytest.approx(found.dollars_a_day, rel=0.03, abs=0.005)


def test_the_architecture_says_what_so_many_memes_a_second_need():
    page = (DOCS / "architecture.md").read_text()
    table = rows(page.split("## How far it grows")[1].split("Which limit")[0])
    said = {
        what: [float(each.replace(",", "")) for each in cells]
        for what, cells in table.items()
        if cells[0].replace(",", "").isdigit()
    }
    for place, rate in enumerate((1, 100, 10_000)):
        need = load(measured(), rate * 86_400)
        column = {what: numbers[place] for what, numbers in said.items()}
        assert column == {
            "memes a second": rate,
            "memes a day": rate * 86_400,
            "instances of on_upload, if a meme takes 0.1 s": need.instances,
            "instances of on_upload, if a meme takes 1 s": rate,
            "instances of the api, 50 answers a second each": math.ceil(rate * 5 / 50),
            "writes a second, uploads bucket": round(need.uploads_writes_a_second),
            "writes a second, memes bucket": round(need.memes_writes_a_second),
            "reads a second": round(need.reads_a_second),
            "signatures a minute": rate * 3 * 60,
            "GB kept": round(need.stored_gb),
            "dollars a day": int(need.dollars_a_day),
        }


def test_the_limits_come_from_so_many_memes_a_second_as_their_numbers_give():
    """At a second for each meme; what is said is rounded down."""
    page = (DOCS / "architecture.md").read_text().split("Which limit")[1].split("## Where")[0]
    said = [int(what.replace(",", "")) for what in rows(page) if what.replace(",", "").isdigit()]
    a_day_of_names = 540 / 0.1 * 1000  # listed before the sweep must end
    limits = [
        10,
        a_day_of_names / 86_400,
        100,
        cost.BUCKET_READS_A_SECOND / (cost.READS_A_MEME + cost.READS_A_VISITOR),  # before its writes
        60_000 / 60 / 3,
        1000,
        20e6 / 2048,
    ]
    assert said == sorted(said)
    assert len(said) == len(limits)
    for number, limit in zip(said, limits, strict=True):
        assert 0.95 * limit <= number <= limit
