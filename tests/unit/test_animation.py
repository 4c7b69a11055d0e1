"""Animations: what they show, their limits, and that they don't flash."""

import io
import itertools
import json
import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest
import skimage.data
from PIL import Image

from memegen import Options, PhotoError, make_meme
from memegen.face.detect import Face, find_faces
from memegen.geometry import Box
from memegen.layout.motion import between
from memegen.layout.placement import Placement
from memegen.layout.scene import Scene
from memegen.options import MOVING_STYLES, STYLES
from memegen.photo.animation import write_animation
from memegen.text.fitting import ink_of
from tests.support.people import draw_people

pytestmark = pytest.mark.slow

PEOPLE = {
    "astronaut": np.asarray(skimage.data.astronaut()),
    "drawn": draw_people(["surprise"], (900, 700), 1),
    "close": np.asarray(skimage.data.astronaut())[20:260, 120:340],
    "pair": draw_people(["happiness", "anger"], (1200, 700)),
    "nobody": np.asarray(skimage.data.rocket()),
}
GREY = np.mgrid[0:900, 0:1200]
HARD = {
    "checks of 8": ((GREY[0] // 8 + GREY[1] // 8) % 2 * 255),
    "checks of 60": ((GREY[0] // 60 + GREY[1] // 60) % 2 * 255),
    "stripes of 25": (GREY[1] // 25 % 2 * 255),
    "rings": (np.hypot(GREY[0] - 450, GREY[1] - 600) // 30 % 2 * 255),
    "noise": np.random.default_rng(1).integers(0, 256, GREY[0].shape),
}


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, "PNG")
    return out.getvalue()


def grey(levels: np.ndarray) -> np.ndarray:
    return np.repeat(levels.astype(np.uint8)[:, :, None], 3, axis=2)


def shown(data: bytes) -> list[tuple[np.ndarray, int]]:
    """The frames of an animation and the milliseconds of each, as Pillow reads them."""
    found = []
    with Image.open(io.BytesIO(data)) as image:
        for number in range(image.n_frames):
            image.seek(number)
            image.load()
            found.append((np.asarray(image.convert("RGB")), image.info["duration"]))
    return found


def most_opposing_changes(frames: list[tuple[np.ndarray, int]], blocks: int) -> int:
    """How many opposing changes of luminance by a tenth or more begin within a second, at the worst place.

    By WCAG 2.2's definition of a general flash, which is a pair of them, over two rounds of the animation.
    The picture is cut into blocks × blocks places, each with its mean relative luminance.
    """
    times, light, now = [], [], 0
    for pixels, milliseconds in [*frames, *frames]:
        height, width = (side // blocks * blocks for side in pixels.shape[:2])
        share = pixels[:height, :width] / 255
        linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        relative = linear @ np.array([0.2126, 0.7152, 0.0722])
        light.append(relative.reshape(blocks, height // blocks, blocks, width // blocks).mean(axis=(1, 3)))
        times.append(now)
        now += milliseconds
    worst = 0
    for place in itertools.product(range(blocks), repeat=2):
        changes, direction, last = [], 0, light[0][place]
        for at, level in zip(times[1:], (each[place] for each in light[1:]), strict=True):
            step = np.sign(level - last) if abs(level - last) >= 0.1 else 0
            if step and step != direction:
                changes.append(at)
                direction = step
            if step or (level - last) * direction > 0:
                last = level
        worst = max([worst, *(sum(1 for at in changes if start <= at < start + 1000) for start in changes)])
    return worst


def test_the_measure_of_flashing_counts_what_is_worked_out_by_hand() -> None:
    black, white = np.zeros((20, 20, 3), np.uint8), np.full((20, 20, 3), 255, np.uint8)
    assert most_opposing_changes([(black, 100), (white, 100)] * 5, 1) == 10
    assert most_opposing_changes([(black, 1000), (white, 1000)], 2) == 1
    assert most_opposing_changes([(black, 100), (np.full_like(black, 60), 100)] * 5, 1) == 0  # 4.5 % of light


@pytest.mark.parametrize("style", MOVING_STYLES)
@pytest.mark.parametrize("name", PEOPLE)
def test_an_animation_keeps_its_limits(name: str, style: str) -> None:
    photo = png(PEOPLE[name])
    made = make_meme(photo, Options(style=style, animate="webp", seed=4))
    assert made.animation is not None
    assert len(made.animation) <= 1_000_000
    frames = shown(made.animation)
    assert 10 <= len(frames) <= 24
    height, width = frames[0][0].shape[:2]
    assert max(height, width) <= 480
    still, moving = made.report["outputs"]
    assert still == {"type": "image/jpeg", **made.report["meme"]}
    assert moving == {
        "type": "image/webp",
        "width": width,
        "height": height,
        "bytes": len(made.animation),
    }
    assert make_meme(photo, Options(style=style, animate="webp", seed=4)).animation == made.animation


def test_the_still_is_the_one_that_is_made_without_an_animation() -> None:
    photo = png(PEOPLE["astronaut"])
    for style in MOVING_STYLES:
        moving, still = (
            make_meme(photo, Options(style=style, animate=kind, seed=4)) for kind in ("gif", None)
        )
        assert moving.jpeg == still.jpeg
        assert still.animation is None
        assert [output["type"] for output in still.report["outputs"]] == ["image/jpeg"]


def test_a_gif_has_at_most_360_pixels() -> None:
    made = make_meme(png(PEOPLE["astronaut"]), Options(style="zoom", animate="gif", canvas="story", seed=4))
    frames = shown(made.animation or b"")
    assert 10 <= len(frames) <= 24
    assert frames[0][0].shape == (360, 202, 3)


@pytest.mark.parametrize("style", MOVING_STYLES)
@pytest.mark.parametrize("name", PEOPLE)
def test_luminance_changes_less_than_three_times_a_second_over_people(name: str, style: str) -> None:
    made = make_meme(png(PEOPLE[name]), Options(style=style, animate="webp", seed=4))
    frames = shown(made.animation or b"")
    assert most_opposing_changes(frames, 1) < 3
    assert most_opposing_changes(frames, 8) < 3


@pytest.mark.parametrize("style", MOVING_STYLES)
@pytest.mark.parametrize("name", HARD)
def test_no_picture_flashes_three_times_a_second(name: str, style: str, monkeypatch) -> None:
    face = Face(Box(520.0, 300.0, 160.0, 200.0), np.zeros((5, 2), np.float32), 0.9)
    monkeypatch.setattr("memegen.meme.find_faces", lambda pixels: [face])
    made = make_meme(png(grey(HARD[name])), Options(style=style, animate="webp", seed=4))
    frames = shown(made.animation or b"")
    assert made.report["style"]["name"] == style
    assert most_opposing_changes(frames, 1) < 3
    assert most_opposing_changes(frames, 8) < 2 * 3  # three flashes are six changes


@pytest.mark.parametrize("style", MOVING_STYLES)
def test_no_more_than_five_frames_begin_within_a_second(style: str) -> None:
    scene = Scene("One", "two\nthree", 1200, 900, (Box(500.0, 300.0, 160.0, 200.0),), long_side=480)
    scene = with_eyes(scene)
    frames = import_module(f"memegen.layout.styles.{style}").frames(scene)
    starts = np.cumsum([0, *(frame.milliseconds for frame in frames * 2)])
    assert max(sum(1 for at in starts if start <= at < start + 1000) for start in starts) <= 5


def with_eyes(scene: Scene) -> Scene:
    eyes = tuple(
        (
            (face.left + 0.3 * face.width, face.top + 0.4 * face.height),
            (face.left + 0.7 * face.width, face.top + 0.4 * face.height),
        )
        for face in scene.faces
    )
    return Scene(scene.top, scene.bottom, scene.width, scene.height, scene.faces, scene.long_side, eyes=eyes)


@pytest.mark.parametrize("style", MOVING_STYLES)
@pytest.mark.parametrize("at", [(0.2, 0.2), (0.45, 0.35), (0.75, 0.6)])
def test_no_letter_touches_the_eyes_in_any_frame(style: str, at: tuple[float, float]) -> None:
    for side in (60, 120, 240):
        face = Box(at[0] * 1200, at[1] * 900, 0.8 * side, float(side))
        scene = with_eyes(Scene("Something long", "and more\nand the end of it", 1200, 900, (face,), 480))
        frames = import_module(f"memegen.layout.styles.{style}").frames(scene)
        assert any(frame.placement.lines for frame in frames)
        for frame in frames:
            for x, y in scene.eyes[0]:
                eye = in_frame(frame.placement, Box(x, y, 1.0, 1.0).grown(0.1 * face.width))
                ink = [
                    ink_of(line, frame.placement.size, frame.placement.style.text)
                    for line in frame.placement.lines
                ]
                assert not any(box.overlaps(eye) for box in ink)


def in_frame(placement: Placement, box: Box[float]) -> Box[int]:
    (panel,) = placement.panels
    scale = panel.target.width / panel.source.width
    return Box.from_edges(
        int(panel.target.left + (box.left - panel.source.left) * scale),
        int(panel.target.top + (box.top - panel.source.top) * scale),
        int(panel.target.left + (box.right - panel.source.left) * scale) + 1,
        int(panel.target.top + (box.bottom - panel.source.top) * scale) + 1,
    )


def test_the_face_of_the_last_frame_is_larger_than_that_of_the_first() -> None:
    for style in MOVING_STYLES:
        made = make_meme(png(PEOPLE["astronaut"]), Options(style=style, animate="webp", seed=4))
        frames = shown(made.animation or b"")
        first = find_faces(np.ascontiguousarray(frames[0][0]))[0]
        nearer = frames[7 if style == "zoom" else -1][0]  # a zoom's last panel shows the eyes alone
        assert find_faces(np.ascontiguousarray(nearer))[0].box.height > 1.15 * first.box.height


def test_a_style_that_can_move_offers_frames_and_no_other_does() -> None:
    modules = {style: import_module(f"memegen.layout.styles.{style}") for style in STYLES}
    assert [style for style, module in modules.items() if hasattr(module, "frames")] == list(MOVING_STYLES)


def test_only_styles_that_move_are_chosen_and_others_are_refused() -> None:
    photo = png(PEOPLE["astronaut"])
    chosen = {
        make_meme(photo, Options(animate="gif", seed=seed)).report["style"]["name"] for seed in range(9)
    }
    assert chosen == set(MOVING_STYLES)
    report = make_meme(png(PEOPLE["nobody"]), Options(style="zoom", animate="webp")).report
    assert report["style"] == {"name": "subtitle", "asked": "zoom", "why": "no-face"}
    with pytest.raises(PhotoError, match="style bar can't be animated"):
        Options(style="bar", animate="webp")
    with pytest.raises(PhotoError, match="must be one of webp, gif"):
        Options(animate="mp4")


def test_noise_of_full_size_stays_under_a_million_bytes() -> None:
    noise = np.random.default_rng(2).integers(0, 256, (20, 480, 480, 3), np.uint8)
    data = write_animation(list(noise), [200] * 20, "webp")
    assert len(data) <= 1_000_000
    assert len(shown(data)) == 20


def test_the_way_of_the_camera_leads_evenly_to_its_end() -> None:
    assert between(Box(0, 0, 800, 400), Box(300, 100, 200, 100), 1) == [Box(200, 67, 400, 200)]
    steps = between(Box(0, 0, 800, 400), Box(0, 0, 100, 50), 2)
    assert steps == [Box(0, 0, 400, 200), Box(0, 0, 200, 100)]
    assert between(Box(5, 6, 7, 8), Box(5, 6, 7, 8), 1) == [Box(5, 6, 7, 8)]


def test_a_process_that_animates_the_largest_picture_stays_under_700_mib(tmp_path) -> None:
    photo = tmp_path / "large.jpg"
    people = Image.fromarray(draw_people(["anger"], (1600, 1200))).resize((9600, 7200))
    people.save(photo, "JPEG", quality=80)
    script = (
        "import json, re, sys\n"
        "from pathlib import Path\n"
        "from memegen import Options, make_meme\n"
        "made = make_meme(Path(sys.argv[1]).read_bytes(), Options(animate='webp', seed=1))\n"
        "peak = re.search(r'VmHWM:\\s*(\\d+) kB', Path('/proc/self/status').read_text())[1]\n"
        "print(json.dumps([int(peak) / 1024, len(made.animation)]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, photo], capture_output=True, text=True, check=True)
    mib, length = json.loads(done.stdout)
    assert length > 10_000
    assert mib < 700
