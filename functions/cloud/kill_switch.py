"""The kill switch: once a month's budget is spent, nobody but an operator can call the api any more.

A budget publishes what has been spent, several times a day. Past the budget this takes away every right to
call the api's service. Google's front end then refuses requests, and a refused one costs nothing. Photos that
are in go on their way, and memes can be read by the addresses that were given out. Only an operator gives the
right back: see infra/README.md, "What it costs".

https://cloud.google.com/billing/docs/how-to/budgets-programmatic-notifications
"""

import base64
import json
from dataclasses import dataclass
from typing import Any, Protocol

import google.auth
from cloudevents.http import CloudEvent
from google.auth.transport.requests import AuthorizedSession

PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"
_INVOKER = "roles/run.invoker"
_GOOGLE = "https://run.googleapis.com"
_CALL_SECONDS = 15


@dataclass(frozen=True)
class Spending:
    """What a month has cost so far and may cost, in the billing account's currency."""

    cost: float
    budget: float

    @property
    def is_over(self) -> bool:
        return self.cost >= self.budget


def spending_of(event: CloudEvent) -> Spending:
    """What a budget's message tells of. Raises ValueError for an event that isn't one."""
    try:
        if event["type"] != PUBLISHED:
            raise ValueError(f"its type is {event['type']!r}, not {PUBLISHED}")
        told = json.loads(base64.b64decode(event.data["message"]["data"]))
        spending = Spending(float(told["costAmount"]), float(told["budgetAmount"]))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(
            f"The event isn't a budget's message: {type(error).__name__}: {error}. "
            "Its topic or its trigger is wired wrongly."
        ) from error
    if not spending.budget > 0:
        raise ValueError(f"The message tells of a budget of {spending.budget}; it must be more than 0.")
    return spending


class Session(Protocol):
    """The part of requests.Session that is used."""

    def get(self, url: str, **named: Any) -> Any: ...

    def post(self, url: str, **named: Any) -> Any: ...


def authorized() -> AuthorizedSession:
    """A session with the function's own account."""
    credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    return AuthorizedSession(credentials)


class Service:
    """Who may call a Cloud Run service, which is named projects/…/locations/…/services/….

    https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services/setIamPolicy
    """

    def __init__(self, session: Session, name: str, endpoint: str | None = None) -> None:
        self._session = session
        self._url = f"{endpoint or _GOOGLE}/v2/{name}"

    def close(self) -> bool:
        """Takes the right to call it from everybody; False if nobody had it.

        All other rights on the service stay, also that of this account. Raises requests.HTTPError, also where
        somebody else has changed the rights meanwhile: then it must be tried again.
        """
        found = self._session.get(
            f"{self._url}:getIamPolicy", params={"options.requestedPolicyVersion": 3}, timeout=_CALL_SECONDS
        )
        found.raise_for_status()
        policy: dict[str, Any] = found.json()
        bindings = policy.get("bindings", [])
        kept = [each for each in bindings if each["role"] != _INVOKER]
        if kept == bindings:
            return False
        changed = self._session.post(
            f"{self._url}:setIamPolicy", json={"policy": {**policy, "bindings": kept}}, timeout=_CALL_SECONDS
        )
        changed.raise_for_status()
        return True
