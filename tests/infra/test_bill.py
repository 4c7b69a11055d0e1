"""The bill: what a flood can cost, computed from what is deployed, and what the documents say of it.

Prices and the measured meme are those of the benchmarks. An instance of the api gives as many answers as
there is processor time for, as docs/benchmarks.md has it.
"""

import re
from typing import Any

import pytest

from infra.local.stack.stack import ROOT
from memegen.contract import MAX_PHOTO_BYTES
from tests.bench.benchmarks import cost
from tests.infra.test_plan import functions
from tests.support.provider.offline import resources, written
from tests.unit.test_cost import measured

DAY = 24 * 3600
MONTH_HOURS = 730
GIB = 1024**3

README = (ROOT / "infra" / "README.md").read_text()
SECURITY = (ROOT / "docs" / "security.md").read_text()
BENCHMARKS = " ".join((ROOT / "docs" / "benchmarks.md").read_text().split())
COSTS = README.split("\n## What it costs\n")[1].split("\n## ")[0]

Plan = dict[str, Any]


def gib(memory: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(Gi|Mi)", memory).groups()
    return int(number) / (1 if unit == "Gi" else 1024)


def services(plan: Plan) -> dict[str, dict[str, Any]]:
    """Each function's part of the plan, by the end of its name."""
    return {name.split("-", 1)[1]: each["service_config"][0] for name, each in functions(plan).items()}


def a_second_of(service: dict[str, Any]) -> float:
    """One busy instance."""
    memory = gib(service["available_memory"])
    return int(service["available_cpu"]) * cost.VCPU_SECOND + memory * cost.GIB_SECOND


def computing(plan: Plan) -> float:
    """A day on which all instances of all functions are busy."""
    return sum(DAY * each["max_instance_count"] * a_second_of(each) for each in services(plan).values())


def making(plan: Plan) -> float:
    """A day on which all instances of on_upload make memes: what they read and write, and their events."""
    memes = services(plan)["on-upload"]["max_instance_count"] * 1000 / measured().milliseconds * DAY
    # One of the writes is the upload's own.
    return memes * ((cost.WRITES_A_MEME - 1) * cost.WRITE + cost.READS_A_MEME * cost.READ + cost.EVENT)


def remixing(plan: Plan, a_second: float) -> float:
    """A day on which the api does nothing but its dearest answer: it copies photos of the largest size.

    It lists both buckets and copies, which are priced as writes, and reads once. The copy is kept for a day.
    """
    kept = MAX_PHOTO_BYTES / GIB * cost.PHOTO_DAYS * cost.GIB_MONTH / 30
    return a_second * DAY * (cost.REQUEST + 3 * cost.WRITE + cost.READ + kept)


def answers_a_second(plan: Plan) -> tuple[float, float]:
    """How many remixes all instances of the api can answer: to one address, and to any number."""
    api = services(plan)["api"]
    (milliseconds,) = re.findall(r"([\d.]+) ms of a processor for a remix", BENCHMARKS)
    limit = written(plan)["variables"]["requests_per_minute"]["default"]
    instances = api["max_instance_count"]
    return instances * limit / 60, instances * int(api["available_cpu"]) * 1000 / float(milliseconds)


def runs_a_month(plan: Plan, job: str) -> float:
    """Of what Cloud Scheduler calls every so many minutes."""
    (schedule,) = [
        each["schedule"]
        for each in resources(plan, "google_cloud_scheduler_job").values()
        if each["name"].endswith(job)
    ]
    return MONTH_HOURS * 60 / int(re.match(r"\*/(\d+) ", schedule)[1])


def row(start: str) -> list[float]:
    """The numbers in the last cells of a row of the costs."""
    (line,) = [line for line in COSTS.splitlines() if line.startswith(f"| {start}")]
    return [float(each.replace(",", "")) for each in re.findall(r"\b[\d,]*\.?\d+", line.split(" | ", 1)[1])]


def test_computing_is_bounded_by_the_number_of_instances(plan: Plan):
    # 86,400 s x (1 CPU x 0.000024 + 1 GiB x 0.0000025) = 2.2896, for ten, ten and one instances
    assert DAY * a_second_of(services(plan)["sweep"]) == pytest.approx(2.2896)
    assert computing(plan) == pytest.approx(21 * 2.2896)
    assert all(each["max_instance_count"] >= 1 for each in services(plan).values())


def test_the_documents_name_the_bound_that_the_configuration_has(plan: Plan):
    one, any_number = answers_a_second(plan)
    assert row("computing") == [round(computing(plan))] * 2
    assert row("what on_upload reads and writes") == [round(making(plan))] * 2
    remixed = [remixing(plan, rate) for rate in (one, any_number)]
    assert row("the api does nothing but remix") == pytest.approx(remixed, rel=0.01)
    assert row("**all of it**") == pytest.approx(
        [computing(plan) + making(plan) + each for each in remixed], rel=0.01
    )


def test_no_answer_of_the_api_is_dearer_than_a_remix(plan: Plan):
    """An upload needs a signature, of which a project has 60,000 a minute. It is written and kept once."""
    instances = services(plan)["api"]["max_instance_count"]
    _, remixes = answers_a_second(plan)
    dearest = remixing(plan, remixes)
    kept = MAX_PHOTO_BYTES / GIB * cost.PHOTO_DAYS * cost.GIB_MONTH / 30
    (health,) = re.findall(r"([\d.]+) ms of a processor for its health", BENCHMARKS)
    (upload,) = re.findall(r"([\d.]+) ms of a processor for an upload", BENCHMARKS)
    assert instances * 1000 / float(health) * DAY * cost.REQUEST < dearest
    uploads = min(instances * 1000 / float(upload), 60_000 / 60)
    assert uploads * DAY * (cost.REQUEST + cost.WRITE + kept) < dearest


def test_the_documents_say_what_nothing_bounds(plan: Plan):
    """1 Gbit/s, for a day, at list price."""
    dollars = 1e9 / 8 * DAY / GIB * cost.GIB_TO_INTERNET
    (said,) = re.findall(r"1 Gbit/s[^.]*about ([\d,]+) dollars a day", README)
    assert int(said.replace(",", "")) == pytest.approx(dollars, rel=0.05)
    assert "Nothing bounds what is sent" in README
    assert "nothing bounds what is sent" in SECURITY


def test_the_alert_on_bytes_sent_comes_before_it_is_much(plan: Plan):
    """At the alert's threshold a day would cost less than computing may."""
    default = written(plan)["variables"]["sent_gib_an_hour"]["default"]
    assert default * 24 * cost.GIB_TO_INTERNET < computing(plan)


def test_the_documents_say_what_memes_cost():
    meme = measured()
    page = sum(cost.dollars(meme, 1000).values())
    assert row("memes on the page")[:2] == [round(page, 2), 1000]
    prices = cost.dollars(meme, 100_000)
    # Without the page there is no api, and a report and a meme are read once.
    of_the_page = cost.API_REQUESTS_A_VISITOR * cost.REQUEST + (cost.READS_A_VISITOR - 2) * cost.READ
    direct = sum(prices.values()) - prices["api"] - 100_000 * of_the_page
    assert row("direct use")[:2] == [round(direct), 100_000]
    (said,) = re.findall(r"100,000 photos cost about (\d+) US dollars", README)
    assert int(said) == round(direct)
    price, megabytes, fetched, count = row("downloads of memes")
    assert (price, megabytes, count) == (cost.GIB_TO_INTERNET, meme.meme_bytes / 1e6, 100_000)
    assert fetched == round(prices["fetched"])


def test_the_documents_say_what_runs_by_the_clock_and_the_domain_cost(full_plan: Plan):
    made = services(full_plan)
    sweeps = runs_a_month(full_plan, "sweep")
    # Each lists the uploads and the sweep's own memory of them once.
    sweep = sweeps * (3 * a_second_of(made["sweep"]) + cost.REQUEST + cost.WRITE + 2 * cost.READ)
    assert row("the sweep") == [round(sweep, 1), 144]
    assert sweeps == pytest.approx(144 * MONTH_HOURS / 24)
    flights = runs_a_month(full_plan, "canary")
    # A visitor's meme, and five answers of the api more while it waits and deletes.
    answers = cost.API_REQUESTS_A_VISITOR * (cost.REQUEST + a_second_of(made["api"]) / 10)
    canary = flights * (5 * a_second_of(made["canary"]) + sum(cost.dollars(measured(), 1).values()) + answers)
    assert row("`canary`") == [round(canary, 1), 96]
    rules = resources(full_plan, "google_compute_global_forwarding_rule")
    assert len(rules) <= 5
    assert row("`domain`")[0] == round(cost.FORWARDING_HOUR * MONTH_HOURS)
