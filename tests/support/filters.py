"""The filters of Cloud Logging and Cloud Monitoring, as far as the configuration uses them.

https://cloud.google.com/logging/docs/view/logging-query-language and
https://cloud.google.com/monitoring/api/v3/filters
"""

import re
from collections.abc import Mapping
from typing import Any

SEVERITIES = ("DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY")

_WORD = r'(?:"(?:[^"\\]|\\.)*"|[\w.*-]+)'
_OPERATOR = r"(>=|<=|=~|!=|=|>|<|:)"
_COMPARISON = re.compile(rf"(NOT )?([\w.]+){_OPERATOR}(\({_WORD}(?: OR {_WORD})*\)|{_WORD})")
_MONITORED = re.compile(
    r"(metric\.type|resource\.type|(?:metric|resource)\.label\.\w+)="
    r'("[^"]*"|monitoring\.regex\.full_match\("[^"]*"\)|one_of\([^)]*\))'
)


def matches_log(condition: str, entry: Mapping[str, Any]) -> bool:
    """Whether a filter of comparisons, joined by AND, lets an entry through. Raises ValueError for others."""
    position = 0
    for part in condition.split(" AND "):
        if not (found := _COMPARISON.fullmatch(part)):
            raise ValueError(f"This part of the filter is not understood: {part}")
        position += 1
        negated, field, operator, values = found.groups()
        alternatives = [_text(value) for value in re.findall(_WORD, values) if value != "OR"]
        holds = any(_holds(_field(entry, field), operator, value, field) for value in alternatives)
        if holds == bool(negated):
            return False
    return position > 0


def metric_filter(condition: str) -> dict[str, re.Pattern[str]]:
    """A Monitoring filter as what each key must be. Raises ValueError where something isn't understood."""
    rest = _MONITORED.sub("", condition).replace("AND", "").strip()
    if rest:
        raise ValueError(f"This part of the filter is not understood: {rest}")
    parsed = {}
    for key, value in _MONITORED.findall(condition):
        texts = re.findall(r'"([^"]*)"', value)
        patterns = texts if "full_match" in value else [re.escape(text) for text in texts]
        parsed[key] = re.compile("|".join(patterns))
    return parsed


def matches_series(condition: str, series: Mapping[str, str]) -> bool:
    """Whether a filter takes a time series, which is given by its types and labels."""
    return all(
        key in series and pattern.fullmatch(series[key]) for key, pattern in metric_filter(condition).items()
    )


def _text(value: str) -> str:
    return value[1:-1].replace('\\"', '"').replace("\\\\", "\\") if value.startswith('"') else value


def _field(entry: Mapping[str, Any], path: str) -> Any:
    value: Any = entry
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _holds(value: Any, operator: str, wanted: str, field: str) -> bool:
    if value is None:
        return False
    if operator == ":":
        return wanted == "*" or wanted.lower() in str(value).lower()
    if operator == "=~":
        return re.search(wanted, str(value)) is not None
    if operator in ("=", "!="):
        return (str(value).lower() == wanted.lower()) == (operator == "=")
    left, right = (
        (SEVERITIES.index(value), SEVERITIES.index(wanted)) if field == "severity" else (value, float(wanted))
    )
    return {">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right}[operator]
