"""The parts of docs/benchmarks.md, each from what one module measured. Pure."""

import statistics
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.bench.benchmarks import cost
from tests.bench.benchmarks.cold import Start
from tests.bench.benchmarks.growth import slope
from tests.bench.benchmarks.styles import Cost
from tests.bench.benchmarks.threads import THREADS, Outcome

_STAGES = ("decode", "find", "read", "caption", "draw", "encode")
_FULL_MEGAPIXELS = 2  # of the smallest photo whose meme is as large as memes get
_NO_ENVIRONMENT = "Left out: `.venv-bench` was not there; `make setup-bench` makes it."


def prose(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), 110, break_long_words=False, break_on_hyphens=False)


def table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(header)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def stages(found: dict[float, dict[str, Any]]) -> str:
    rows = [
        (
            f"{megapixels} MP",
            *(f"{row['stages'][stage]:.1f}" for stage in _STAGES),
            f"{row['whole']:.1f}",
            f"{row['floor']:.1f}",
            f"{row['ratio']:.2f}",
            f"{row['peak_mib']:.0f}",
        )
        for megapixels, row in found.items()
    ]
    text = prose(
        """All figures are medians in milliseconds, and each size has a process of its own. The stages are
        measured by the clock. The whole and the floor are measured in processor time, which is what one
        core takes. The floor is what Pillow alone needs to decode the JPEG at the output's scale and to
        encode the result once. The ratio comes from pairs that are measured in turn."""
    )
    header = ("photo", *_STAGES, "whole", "floor", "ratio", "peak MiB")
    return f"{text}\n\n{table(header, rows)}"


def memory(peaks: dict[str, float], resident: Sequence[tuple[int, float]]) -> str:
    text = prose(
        """This is the most memory that a process holds while it makes a meme of 48 megapixels, with all
        that on_upload imports. Each type has a process of its own. These files have 1 to 6 MB; a larger
        file adds up to three times its bytes. The BMP has two colours, since one with more does not fit
        into 20 MiB."""
    )
    rests = ", ".join(f"{rest:.0f} after {count:,}" for count, rest in resident)
    served = prose(f"One process that makes memes of photos of 0.3 megapixels holds, in MiB: {rests}.")
    forms = table(("type", "peak MiB"), [(form, f"{peak:.0f}") for form, peak in peaks.items()])
    return f"{text}\n\n{forms}\n\n{served}"


def starts(found: dict[str, list[Start]]) -> str:
    ways = ("clock", "processor")
    rows = [
        (
            target,
            *(f"{statistics.median(getattr(start, way) for start in each):,.0f}" for way in ways),
            *(f"{start_ratio(found, target, way):.2f}" for way in ways),
        )
        for target, each in found.items()
    ]
    text = prose(
        f"""A cold start lasts from the start of functions-framework's process to its first answer, on one
        processor, with the packages installed as they are deployed. Each function starts
        {len(found["hello"])} times, in turn with the others. Before each start,
        `posix_fadvise(DONTNEED)` drops the files of the packages, of the function and of Python's
        library from the page cache. hello is a function that only makes the same storage client;
        on_upload also loads and checks the models. The times are medians in milliseconds; the ratios
        are medians of pairs."""
    )
    header = ("function", "clock ms", "processor ms", "clock ratio", "processor ratio")
    return f"{text}\n\n{table(header, rows)}"


def styles(found: dict[str, Cost]) -> str:
    """A row a style and an animation."""
    rows = [(name, f"{cost.ratio:.2f}", f"{cost.own:.0f}") for name, cost in found.items()]
    text = prose(
        """The processor time of a whole meme in each style, as a ratio to the time of a classic one of the
        same photo, measured in turn; and the milliseconds of it that differ by the style: choosing the words,
        laying them out and drawing. With webp or gif an animation is made beside the JPEG. The
        photo has 1,600 × 1,200 pixels and shows two drawn people, so that every style suits it."""
    )
    return f"{text}\n\n{table(('style', 'ratio', 'own ms'), rows)}"


def start_ratio(found: dict[str, list[Start]], target: str, way: str) -> float:
    """The median of a target's starts over hello's of the same round."""
    pairs = zip(found[target], found["hello"], strict=True)
    return statistics.median(getattr(start, way) / getattr(hello, way) for start, hello in pairs)


def threads(found: Outcome) -> str:
    return prose(
        f"""{found.memes} different memes are made of photos of 640 × 480 pixels, in five languages and all
        styles: first one after another, then by {THREADS} threads of one process. {found.right} of
        those that threads made are the same, byte for byte. One thread makes {found.alone:.1f} memes a
        second, and {THREADS} threads make {found.together:.1f}."""
    )


def growth(found: dict[str, Any]) -> str:
    text = prose(
        f"""A face of which the detector is sure that it is upright costs {found["sure_face"]:.1f} ms more;
        98 % of the portraits in JAFFE have such a face. Other faces, above all small ones in a group,
        are turned and searched again, small ones three to seven times and larger ones once. Each of
        them costs {slope(found["faces"][1:]):.1f} ms. A photo without a face is searched again at a
        larger size and lying on both sides, which makes {found["faces"][0]:.0f} ms in all. A photo of
        0.3 megapixels becomes a smaller meme, so the rest of the work stays the same only from 2
        megapixels on. By the number of pixels, in milliseconds:"""
    )
    rows = [
        (f"{megapixels:g} MP", f"{meme:.0f}", f"{decoding:.0f}", f"{meme - decoding:.0f}")
        for megapixels, meme, decoding in found["pixels"]
    ]
    pixels = table(("photo", "meme", "decoding alone", "the rest"), rows)
    return f"![Processor time of a meme by photos served, faces and pixels](growth.png)\n\n{text}\n\n{pixels}"


def pixels_ratio(pixels: Sequence[tuple[float, float, float]]) -> float:
    """What a megapixel more costs the whole, over what it costs decoding alone, from the size on whose meme
    is as large as memes get."""
    full = [row for row in pixels if row[0] >= _FULL_MEGAPIXELS]
    megapixels, memes, decodings = zip(*full, strict=True)
    meme, decoding = (statistics.linear_regression(megapixels, each).slope for each in (memes, decodings))
    return meme / decoding


def peers(found: dict[str, Any] | None) -> str:
    if found is None:
        return _NO_ENVIRONMENT
    rows = [
        (
            row["photo"],
            row["our_faces"],
            f"{row['our_ms']:.0f}",
            row["fer_faces"],
            f"{row['fer_ms']:.0f}",
            f"{row['our_ms'] / row['fer_ms']:.2f}",
        )
        for row in found["whole"]
    ]
    text = prose(
        """MemeGen and fer take turns, each on one core in a process of its own, and are measured in
        processor time. The whole path of fer is its packaged face detector and expression model with a
        plain Pillow caption, between the same decoding and encoding."""
    )
    header = ("photo", "our faces", "our ms", "fer's faces", "fer's ms", "ratio")
    return f"{text}\n\n{table(header, rows)}\n\n{_readers(found['readers'])}"


def _readers(found: dict[str, Any] | None) -> str:
    if found is None:
        return "The expression models alone are left out: the folder of `--data` has no fer2013/private_test."
    rows = [
        (name, f"{row['accuracy']:.4f}", f"{row['macro_f1']:.4f}", f"{row['ms']:.2f}")
        for name, row in (("MemeGen", found["ours"]), ("fer", found["fer"]))
    ]
    text = prose(
        f"""The expression models alone, on the {found["count"]:,} pictures of FER2013's private_test, which
        are the same for both, with one thread each. McNemar's exact test gives p = {found["p"]:.3g}."""
    )
    return f"{text}\n\n{table(('model', 'accuracy', 'macro-F1', 'ms a face'), rows)}"


def runtimes(found: list[dict[str, Any]] | None) -> str:
    if found is None:
        return _NO_ENVIRONMENT
    first = found[0]["ms"]
    rows = [
        (
            row["runtime"],
            row["operations"],
            row["threads"],
            f"{row['ms']:.2f}",
            f"{row['ms'] / first:.2f}",
            f"{row['difference']:.3g}",
        )
        for row in found
    ]
    text = prose(
        """These are the times that the three shipped members need for a face, in milliseconds by the clock,
        as medians of interpreters that take turns. The last column says by how much a logit differs at
        most from the first row's. The deployed functions use the runtime's own operations. The default
        delegate is faster, but its answers depend on the processor and on the runtime's version."""
    )
    return f"{text}\n\n{table(('runtime', 'operations', 'threads', 'ms a face', 'ratio', 'logits'), rows)}"


def sizes(found: dict[str, int]) -> str:
    large = {name: size for name, size in found.items() if size >= 1e6}
    whole = sum(found.values())
    rows = [(name, f"{size / 1e6:.1f}") for name, size in large.items()]
    rows.append((f"{len(found) - len(large)} others", f"{(whole - sum(large.values())) / 1e6:.1f}"))
    rows.append(("**all**", f"{whole / 1e6:.1f}"))
    text = prose(
        """Most of the space goes to OpenCV's one library with all its modules (66 MB), its copy of OpenBLAS
        (37 MB), its video codecs (21 MB) and NumPy's own OpenBLAS (35 MB). OpenCV's library is linked
        with all of its parts, so none can be deleted, and we found no package on PyPI with an OpenCV
        that is built without them. Without any OpenCV the rest would still have some 170 MB, so 150 MB
        would need another face detector and another array library."""
    )
    head = "These are the sizes after unpacking, with the compiled Python that pip makes."
    return f"{head}\n\n{table(('package', 'MB'), rows)}\n\n{text}"


def costs(meme: cost.Meme, waits: Sequence[float], answers: Mapping[str, float]) -> str:
    """answers: milliseconds of processor time that the api takes, by what it is asked."""
    prices = cost.dollars(meme, 1000)
    seconds = 1000 * cost.billed_seconds(meme)
    text = prose(
        f"""On the local cloud {statistics.median(waits):.0f} ms pass from the end of an upload to its
        report (median of {len(waits)} uploads of 2 megapixels), with the event's delivery and all reads
        and writes. This time is billed in steps of {cost.BILLED_STEP_MS} ms, so 1,000 memes take
        {seconds:,.0f} vCPU-seconds and {seconds * cost.GIB:,.0f} GiB-seconds. A photo of
        {meme.photo_bytes / 1e6:.2f} MB is kept for a day. A meme of {meme.meme_bytes / 1e6:.2f} MB is
        kept for seven days and is looked at once. The table gives US dollars for 1,000 memes by the
        price lists for Belgium, beyond the free tiers
        ([`cost.py`](../tests/bench/benchmarks/cost.py) names their pages and when they were read):"""
    )
    rows = [(name, f"{price:.4f}") for name, price in prices.items()]
    rows.append(("**all**", f"{sum(prices.values()):.4f}"))
    limits = prose(
        f"""A new bucket can take {cost.BUCKET_WRITES_A_SECOND:,} writes and {cost.BUCKET_READS_A_SECOND:,}
        reads a second. It grows by itself, which the random bits at the beginning of the page's names
        help. The instances are those of on_upload; an instance of the api serves 16 requests at once.
        `max_instances` is 10 unless it is set; an upload that finds no instance is delivered again for
        24 hours. To answer, the api takes {answers["health"]:.1f} ms of a processor for its health,
        {answers["upload"]:.1f} ms of a processor for an upload's address and {answers["remix"]:.1f} ms of a
        processor for a remix. The network between a function and its buckets is slower than within one
        machine: every 100 ms more add {100 * (cost.VCPU_SECOND + cost.GIB * cost.GIB_SECOND):.4f} dollars for
        1,000 memes."""
    )
    loads = f"The cost and the load by the number of memes:\n\n{_loads(meme)}"
    return f"{text}\n\n{table(('what', 'dollars'), rows)}\n\n{loads}\n\n{limits}"


def _loads(meme: cost.Meme) -> str:
    kinds = [(1_000, 1), (100_000, 1), (1_000_000, 1), (1_000_000, 5)]
    rows = []
    for a_day, peak in kinds:
        found = cost.load(meme, a_day, peak)
        rows.append(
            (
                f"{a_day:,}" + ("" if peak == 1 else f", a peak of {peak} times the mean"),
                found.instances,
                f"{found.uploads_writes_a_second:.2f}",
                f"{found.memes_writes_a_second:.2f}",
                f"{found.reads_a_second:.1f}",
                f"{found.stored_gb:,.1f}",
                f"{found.dollars_a_day:,.2f}",
            )
        )
    header = (
        "memes a day",
        "instances",
        "writes/s, uploads",
        "writes/s, memes",
        "reads/s",
        "GB kept",
        "dollars a day",
    )
    return table(header, rows)
