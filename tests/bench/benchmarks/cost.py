"""What a meme costs in the cloud, from measured milliseconds and published prices. Pure.

Prices in US dollars beyond the free tiers, of the pages named. Those of Cloud Run are as undated copies of
its page have them, all others as copies had them on 2026-09-20. All are those of the cheapest regions, to
which Belgium (europe-west1) belongs.
"""

import math
from dataclasses import dataclass

# https://cloud.google.com/run/pricing, tier 1, processor allocated while a request is served
VCPU_SECOND = 0.000024
GIB_SECOND = 0.0000025
REQUEST = 0.40 / 1_000_000
BILLED_STEP_MS = 100  # a request's time is rounded up to this
# https://cloud.google.com/storage/pricing, one region, Standard
WRITE = 0.005 / 1000  # class A: an object added
READ = 0.0004 / 1000  # class B: an object or its metadata read
GIB_MONTH = 0.020
GIB_TO_INTERNET = 0.12  # of the first 10 TiB of a month
# https://cloud.google.com/eventarc/pricing: events of Google's own services are free, their transport is not:
# https://cloud.google.com/pubsub/pricing, published and delivered, some 2 KiB each
EVENT = 2 * 2 * 1024 * 40 / 1024**4
# https://cloud.google.com/load-balancing/pricing, the first five forwarding rules together
FORWARDING_HOUR = 0.025

# One upload that is processed once, as the tests count it: photo, meme and report are written, each of the
# three is looked for twice, and the photo is read once.
WRITES_A_MEME = 3
READS_A_MEME = 7
# The page asks for an upload's address and some four times for the report, where one that isn't there yet is
# two reads, and fetches the meme once. Each answer of the api is billed as one step where no other request
# shares it.
READS_A_VISITOR = 8
API_REQUESTS_A_VISITOR = 5

# Of infra/terraform/memegen/functions.tf: 1 vCPU, 1 GiB, one photo at a time.
GIB = 1
# Of infra/terraform/memegen/buckets.tf: days until they are deleted.
PHOTO_DAYS, MEME_DAYS = 1, 7
# https://cloud.google.com/storage/docs/request-rate: what a new bucket bears at once; it grows by itself.
BUCKET_WRITES_A_SECOND, BUCKET_READS_A_SECOND = 1000, 5000
_DAY = 86_400
_GIB = 1024**3
_MONTH_DAYS = 30


@dataclass(frozen=True)
class Meme:
    """What was measured: milliseconds that on_upload takes a photo, its reads and writes included; bytes."""

    milliseconds: float
    photo_bytes: float
    meme_bytes: float


def dollars(meme: Meme, count: int) -> dict[str, float]:
    """What `count` memes cost by what is paid for, each looked at once on the page."""
    seconds = billed_seconds(meme)
    stored = (meme.photo_bytes * PHOTO_DAYS + meme.meme_bytes * MEME_DAYS) / _GIB / _MONTH_DAYS
    each = {
        "processor": seconds * VCPU_SECOND,
        "memory": seconds * GIB * GIB_SECOND,
        "requests": (1 + API_REQUESTS_A_VISITOR) * REQUEST,
        "api": API_REQUESTS_A_VISITOR * BILLED_STEP_MS / 1000 * (VCPU_SECOND + GIB * GIB_SECOND),
        "event": EVENT,
        "writes": WRITES_A_MEME * WRITE,
        "reads": (READS_A_MEME + READS_A_VISITOR) * READ,
        "storage": stored * GIB_MONTH,
        "fetched": meme.meme_bytes / _GIB * GIB_TO_INTERNET,
    }
    return {name: price * count for name, price in each.items()}


def billed_seconds(meme: Meme) -> float:
    """Seconds of one vCPU, and of GIB, that a meme is billed for."""
    return math.ceil(meme.milliseconds / BILLED_STEP_MS) * BILLED_STEP_MS / 1000


@dataclass(frozen=True)
class Load:
    """What so many memes a day need, evenly over the day. stored_gb: what lies in both buckets."""

    a_day: int
    instances: int
    uploads_writes_a_second: float
    memes_writes_a_second: float
    reads_a_second: float
    stored_gb: float
    dollars_a_day: float


def load(meme: Meme, a_day: int, peak: float = 1) -> Load:
    """peak: how many times the day's mean rate comes at once; it scales the rates, not the day's cost."""
    rate = a_day / _DAY * peak
    return Load(
        a_day,
        math.ceil(rate * billed_seconds(meme)),
        rate,
        rate * (WRITES_A_MEME - 1),
        rate * (READS_A_MEME + READS_A_VISITOR),
        a_day * (meme.photo_bytes * PHOTO_DAYS + meme.meme_bytes * MEME_DAYS) / 1e9,
        sum(dollars(meme, a_day).values()),
    )
