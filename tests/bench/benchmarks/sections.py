"""The parts of docs/benchmarks.md, each from what one module measured. Pure."""

import statistics
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from tests.bench.benchmarks import cost
from tests.bench.benchmarks.cold import Start
from tests.bench.benchmarks.growth import slope
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
        """Milliseconds, medians, one process a size: the stages by the clock, the whole and the floor in
        processor time, which is what one core takes. The floor is Pillow alone: it decodes the JPEG at the
        output's scale and encodes the result once. The ratio is of pairs measured in turn."""
    )
    header = ("photo", *_STAGES, "whole", "floor", "ratio", "peak MiB")
    return f"{text}\n\n{table(header, rows)}"


def memory(peaks: dict[str, float], resident: Sequence[tuple[int, float]]) -> str:
    text = prose(
        """The most that a process holds to make a meme of 48 megapixels, with all that on_upload imports; one
        process a form. These files have 1 to 6 MB; a larger one adds up to three times its bytes. The BMP is
        of two colours: more don't fit into 20 MiB."""
    )
    rests = ", ".join(f"{rest:.0f} after {count:,}" for count, rest in resident)
    served = prose(f"One process that serves photos of 0.3 megapixels holds, in MiB: {rests}.")
    forms = table(("form", "peak MiB"), [(form, f"{peak:.0f}") for form, peak in peaks.items()])
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
        f"""From starting the process of functions-framework to its first answer, on one processor, the
        packages installed as deployed, {len(found["hello"])} starts each in turn. Before each,
        `posix_fadvise(DONTNEED)` drops the files of the packages, the function and Python's library from the
        page cache. hello makes the same storage client; on_upload loads and checks the models. Milliseconds,
        medians; the ratios are of pairs."""
    )
    header = ("function", "clock ms", "processor ms", "clock ratio", "processor ratio")
    return f"{text}\n\n{table(header, rows)}"


def start_ratio(found: dict[str, list[Start]], target: str, way: str) -> float:
    """The median of a target's starts over hello's of the same round."""
    pairs = zip(found[target], found["hello"], strict=True)
    return statistics.median(getattr(start, way) / getattr(hello, way) for start, hello in pairs)


def threads(found: Outcome) -> str:
    return prose(
        f"""{found.memes} different memes of photos of 640 × 480 pixels, in five languages and all styles:
        {found.right} made by {THREADS} threads of one process are the memes made alone, byte for byte.
        {found.alone:.1f} memes a second alone, {found.together:.1f} by {THREADS} threads."""
    )


def growth(found: dict[str, Any]) -> str:
    text = prose(
        f"""A face that the finder is sure stands upright, as it is of 98 % of the portraits in JAFFE, costs
        {found["sure_face"]:.1f} ms more. Others, small ones in a group above all, are looked at
        turned, small three to seven times and larger once, and cost {slope(found["faces"][1:]):.1f} ms each.
        A photo without a face
        is searched at a larger size and lying on both sides: {found["faces"][0]:.0f} ms in all. A photo of
        0.3 megapixels is made into a smaller meme, so only from 2 on does the rest stay the same. By pixels,
        in ms:"""
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
        """Each on one core in a process of its own, in turn, in processor time. fer's whole path is its
        packaged face finder and reader with a plain Pillow caption, between the same decoding and
        encoding."""
    )
    header = ("photo", "our faces", "our ms", "fer's faces", "fer's ms", "ratio")
    return f"{text}\n\n{table(header, rows)}\n\n{_readers(found['readers'])}"


def _readers(found: dict[str, Any] | None) -> str:
    if found is None:
        return "The readers alone: left out, for want of fer2013/private_test in the folder of `--data`."
    rows = [
        (name, f"{row['accuracy']:.4f}", f"{row['macro_f1']:.4f}", f"{row['ms']:.2f}")
        for name, row in (("MemeGen", found["ours"]), ("fer", found["fer"]))
    ]
    text = prose(
        f"""The readers alone on the {found["count"]:,} pictures of FER2013's private_test, the same for both,
        one thread each; McNemar's exact test: p = {found["p"]:.3g}."""
    )
    return f"{text}\n\n{table(('reader', 'accuracy', 'macro-F1', 'ms a face'), rows)}"


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
        """The three shipped members on a face, milliseconds by the clock, medians of interpreters that take
        turns, and by how much a logit differs from the first row's at most. What serves are the runtime's own
        operations: the default delegate is faster, but its answers depend on the processor and the
        runtime's version."""
    )
    return f"{text}\n\n{table(('runtime', 'operations', 'threads', 'ms a face', 'ratio', 'logits'), rows)}"


def sizes(found: dict[str, int]) -> str:
    large = {name: size for name, size in found.items() if size >= 1e6}
    whole = sum(found.values())
    rows = [(name, f"{size / 1e6:.1f}") for name, size in large.items()]
    rows.append((f"{len(found) - len(large)} others", f"{(whole - sum(large.values())) / 1e6:.1f}"))
    rows.append(("**all**", f"{whole / 1e6:.1f}"))
    text = prose(
        """What takes the room: OpenCV's one library of all its modules (66 MB), its copy of OpenBLAS (37 MB)
        and its video codecs (21 MB), NumPy's own OpenBLAS (35 MB). The library is linked with all of them, so
        none can be deleted, and no package with an OpenCV built without them was found on PyPI. Without any
        OpenCV the rest would still have some 170 MB, so 150 MB would mean another face finder and another
        array library."""
    )
    return f"Unpacked, with the compiled Python that pip makes.\n\n{table(('package', 'MB'), rows)}\n\n{text}"


def costs(meme: cost.Meme, waits: Sequence[float]) -> str:
    prices = cost.dollars(meme, 1000)
    seconds = 1000 * cost.billed_seconds(meme)
    text = prose(
        f"""On the local cloud it takes {statistics.median(waits):.0f} ms (median of {len(waits)} uploads of 2
        megapixels) from the end of an upload to its report, with the event's delivery and all reads and
        writes. That is billed in steps of {cost.BILLED_STEP_MS} ms: 1,000 memes take {seconds:,.0f}
        vCPU-seconds and {seconds * cost.GIB:,.0f} GiB-seconds. A photo of {meme.photo_bytes / 1e6:.2f} MB is
        kept for a day, a meme of {meme.meme_bytes / 1e6:.2f} MB for seven and looked at once. US dollars for
        1,000 memes by price lists as known in 2025, Belgium, beyond the free tiers
        ([`cost.py`](../tests/bench/benchmarks/cost.py) names their pages):"""
    )
    rows = [(name, f"{price:.4f}") for name, price in prices.items()]
    rows.append(("**all**", f"{sum(prices.values()):.4f}"))
    limits = prose(
        f"""A new bucket bears {cost.BUCKET_WRITES_A_SECOND:,} writes and {cost.BUCKET_READS_A_SECOND:,} reads
        a second and grows by itself, the better since the page's names begin with random bits. The instances
        are on_upload's; the api's serve 16 requests at once each. `max_instances` is 10 unless set; uploads
        that find no instance are delivered again for 24 hours. The network between a function and its buckets
        is slower than within one machine: each 100 ms more add
        {100 * (cost.VCPU_SECOND + cost.GIB * cost.GIB_SECOND):.4f} dollars for 1,000 memes."""
    )
    return f"{text}\n\n{table(('what', 'dollars'), rows)}\n\nHow it grows:\n\n{_loads(meme)}\n\n{limits}"


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
