"""The bill's bounded part, computed from what is deployed, and what the documents say of it."""

import re
from typing import Any

import pytest

from infra.local.stack.stack import ROOT
from tests.infra.test_plan import functions

# US dollars in Belgium, request-based billing: https://cloud.google.com/run/pricing, read on 2026-11-30.
CPU_SECOND, GIB_SECOND, MILLION_REQUESTS = 0.000024, 0.0000025, 0.40
SENT_GIB = 0.12
DAY = 24 * 3600

README = (ROOT / "infra" / "README.md").read_text()
SECURITY = (ROOT / "docs" / "security.md").read_text()

Plan = dict[str, Any]


def gib(memory: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(Gi|Mi)", memory).groups()
    return int(number) / (1 if unit == "Gi" else 1024)


def a_day_of(service: dict[str, Any]) -> float:
    """All instances of a service, busy around the clock."""
    second = int(service["available_cpu"]) * CPU_SECOND + gib(service["available_memory"]) * GIB_SECOND
    return service["max_instance_count"] * DAY * second


def most_a_day(plan: Plan) -> float:
    """All instances of all functions, and the requests of the api, 50 answers a second each."""
    services = {name: each["service_config"][0] for name, each in functions(plan).items()}
    (api,) = [service for name, service in services.items() if name.endswith("-api")]
    answers = 50 * api["max_instance_count"] * DAY
    return sum(map(a_day_of, services.values())) + answers / 1e6 * MILLION_REQUESTS


def test_computing_is_bounded_by_the_number_of_instances(plan: Plan):
    services = {name: each["service_config"][0] for name, each in functions(plan).items()}
    # 86,400 s x (1 CPU x 0.000024 + 1 GiB x 0.0000025) = 2.2896
    assert a_day_of(services["memegen-sweep"]) == pytest.approx(2.2896)
    assert sum(map(a_day_of, services.values())) == pytest.approx(21 * 2.2896)
    assert all(service["max_instance_count"] >= 1 for service in services.values())


def test_the_documents_name_the_bound_that_the_configuration_has(plan: Plan):
    (computing, requests) = re.search(
        r"about (\d+) dollars a day for computing and (\d+) for requests", README
    ).groups()
    services = [each["service_config"][0] for each in functions(plan).values()]
    assert int(computing) == round(sum(map(a_day_of, services)))
    assert int(requests) == round(most_a_day(plan) - sum(map(a_day_of, services)))


def test_the_documents_say_what_nothing_bounds(plan: Plan):
    """1 Gbit/s, for a day, at list price."""
    dollars = 1e9 / 8 * DAY / 1024**3 * SENT_GIB
    (said,) = re.findall(r"1 Gbit/s[^.]*about ([\d,]+) dollars a day", README)
    assert int(said.replace(",", "")) == pytest.approx(dollars, rel=0.05)
    assert "Nothing bounds what is sent" in README
    assert "nothing bounds what is sent" in SECURITY


def test_the_alert_on_bytes_sent_comes_before_it_is_much(plan: Plan):
    """At the alert's threshold a day would cost less than computing may."""
    default = 10
    assert (
        f"| `sent_gib_an_hour` | number | `{default}` |"
        in (ROOT / "infra" / "terraform" / "memegen" / "README.md").read_text()
    )
    assert default * 24 * SENT_GIB < most_a_day(plan)
