"""The functions' settings. The one place that reads the environment."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cloud.selection import EVERYTHING, Selection

FUNCTIONS = ("api", "on_upload", "sweep", "stop", "canary")

_SERVICE = re.compile(r"projects/[^/]+/locations/[^/]+/services/[^/]+")
# An origin as a browser sends it: scheme, host and port, nothing after.
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")
_PAGE = re.compile(rf"{_ORIGIN.pattern}/[a-zA-Z0-9._/-]*")


class SettingsError(Exception):
    """The environment can't run the function; the message names the variable and what it must hold."""


@dataclass(frozen=True)
class Settings:
    """What one function process needs to know.

    function: one of FUNCTIONS, the entry point that this process serves.
    uploads_bucket, memes_bucket: bucket names, never equal: an output must not trigger the function.
    uploads_url, memes_url: base URLs of the buckets' own hosts, without a slash at the end.
    page_origins: exact origins whose pages may read the api's answers.
    page_url: where people make memes; "" for all but api.
    signing_account: e-mail of the account that signs URLs; "" where nothing is signed (all but api).
    signing_key_file: that account's key file, or None to sign with IAM's signBlob.
    storage_endpoint: base URL of the storage API, or None for Google's.
    requests_per_minute: the most that one api process answers to one client, or None for any number.
    uploads_per_minute: of these, the most that ask for an upload; a fifth of them where it isn't set.
    selection: which direct uploads on_upload and sweep make memes of.
    api_service: the Cloud Run service that stop closes, projects/…/locations/…/services/…; "" for the others.
    run_endpoint: base URL of Cloud Run's API, or None for Google's.
    """

    function: str
    uploads_bucket: str
    memes_bucket: str
    uploads_url: str
    memes_url: str
    page_origins: tuple[str, ...] = ()
    page_url: str = ""
    signing_account: str = ""
    signing_key_file: Path | None = None
    storage_endpoint: str | None = None
    requests_per_minute: int | None = None
    uploads_per_minute: int | None = None
    selection: Selection = EVERYTHING
    api_service: str = ""
    run_endpoint: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Settings from environment variables; raises SettingsError for the first missing or wrong one."""
        function = _required(environment, "FUNCTION_TARGET", f"one of {', '.join(FUNCTIONS)}")
        if function not in FUNCTIONS:
            raise SettingsError(
                f"FUNCTION_TARGET is {function!r}; it must be one of {', '.join(FUNCTIONS)}, "
                "the entry points in main.py."
            )
        uploads = _required(environment, "UPLOADS_BUCKET", "the name of the bucket that photos go into")
        memes = _required(environment, "MEMES_BUCKET", "the name of the bucket that memes come out of")
        if uploads == memes:
            raise SettingsError(
                f"UPLOADS_BUCKET and MEMES_BUCKET are both {uploads!r}; they must differ, "
                "since a meme written into the uploads bucket would be taken for a new photo."
            )
        signing_account = environment.get("SIGNING_ACCOUNT", "")
        if function == "api" and not signing_account:
            raise SettingsError(
                "SIGNING_ACCOUNT is not set; it must be the e-mail address of the account that signs URLs."
            )
        api_service = environment.get("API_SERVICE", "")
        if function == "stop" and not _SERVICE.fullmatch(api_service):
            raise SettingsError(
                f"API_SERVICE is {api_service!r}; it must be the api's Cloud Run service, such as "
                "projects/memes-4711/locations/europe-west1/services/memegen-api."
            )
        requests_per_minute = _number(environment, "REQUESTS_PER_MINUTE")
        a_fifth = max(1, requests_per_minute // 5) if requests_per_minute else None
        return cls(
            function=function,
            uploads_bucket=uploads,
            memes_bucket=memes,
            uploads_url=_url(environment, "UPLOADS_URL") or f"https://{uploads}.storage.googleapis.com",
            memes_url=_url(environment, "MEMES_URL") or f"https://{memes}.storage.googleapis.com",
            page_origins=_origins(environment.get("PAGE_ORIGINS", "")),
            page_url=_page(environment) if function == "api" else "",
            signing_account=signing_account,
            signing_key_file=_file(environment, "SIGNING_KEY_FILE"),
            storage_endpoint=_url(environment, "STORAGE_ENDPOINT"),
            requests_per_minute=requests_per_minute,
            uploads_per_minute=_number(environment, "UPLOADS_PER_MINUTE") or a_fifth,
            selection=Selection(
                _prefixes(environment, "INCLUDE_PREFIXES"), _prefixes(environment, "EXCLUDE_PREFIXES")
            ),
            api_service=api_service,
            run_endpoint=_url(environment, "RUN_ENDPOINT"),
        )


def _required(environment: Mapping[str, str], name: str, meaning: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set; it must be {meaning}.")
    return value


def _page(environment: Mapping[str, str]) -> str:
    meaning = "the page's address, such as https://memes.example.com/"
    value = _required(environment, "PAGE_URL", meaning)
    if not _PAGE.fullmatch(value):
        raise SettingsError(f"PAGE_URL is {value!r}; it must be {meaning}.")
    return value


def _url(environment: Mapping[str, str], name: str) -> str | None:
    value = environment.get(name, "").rstrip("/")
    if not value:
        return None
    if not _ORIGIN.fullmatch(value):
        raise SettingsError(f"{name} is {value!r}; it must be a URL such as https://storage.googleapis.com.")
    return value


def _origins(value: str) -> tuple[str, ...]:
    origins = tuple(part.strip() for part in value.split(",") if part.strip())
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise SettingsError(
                f"PAGE_ORIGINS holds {origin!r}; each entry must be an origin such as https://example.com, "
                "with no path and no * in it, separated by commas."
            )
    return origins


def _prefixes(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    value = environment.get(name, "")
    if not value:
        return ()
    try:
        prefixes = json.loads(value)
    except ValueError:
        prefixes = None
    if not isinstance(prefixes, list) or not all(isinstance(each, str) and each for each in prefixes):
        raise SettingsError(
            f'{name} is {value!r}; it must be a JSON list of texts such as ["photos/", "in/"], or unset.'
        )
    return tuple(prefixes)


def _number(environment: Mapping[str, str], name: str) -> int | None:
    value = environment.get(name, "")
    if not value:
        return None
    if not re.fullmatch("[1-9][0-9]{0,5}", value):
        raise SettingsError(
            f"{name} is {value!r}; it must be a whole number from 1 to 999999, or unset for no limit."
        )
    return int(value)


def _file(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name, "")
    if not value:
        return None
    if not Path(value).is_file():
        raise SettingsError(f"{name} is {value!r}, which is not a file; unset it to sign with IAM.")
    return Path(value)
