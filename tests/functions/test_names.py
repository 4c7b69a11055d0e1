import base64
import hashlib

import pytest

from cloud.names import SWEEP_STATE, MemeId, default_seed, is_token, meme_name, meme_names, report_name

# 16 bytes 0x00 … 0x0f in URL-safe base64, by RFC 4648.
PHOTO = "AAECAwQFBgcICQoLDA0ODw"


def test_a_new_id_is_128_random_bits_and_names_the_photo():
    first, second = MemeId.new(), MemeId.new()
    assert first != second
    assert len(first.photo) == 22
    assert first.n == 0
    assert MemeId.parse(str(first)) == first


def test_an_id_says_where_its_upload_lies():
    meme_id = MemeId.parse(f"{PHOTO}-12")
    assert meme_id == MemeId(PHOTO, 12)
    assert meme_id.upload_name == f"web/{PHOTO}/12"
    assert meme_id.prefix == f"web/{PHOTO}/"


@pytest.mark.parametrize(
    "text",
    [
        "",
        PHOTO,
        f"{PHOTO}-",
        f"{PHOTO}-01",
        f"{PHOTO}--1",
        f"{PHOTO}-1000000",
        f"{PHOTO[:-1]}-0",
        f"{PHOTO}A-0",
        f"{PHOTO[:-1]}x-0",  # bits that 16 bytes don't have
        f"{PHOTO[:-1]}/-0",
        f"{PHOTO}-0\n",
        f"{PHOTO}-٣",
        "photo.jpg",
        "../other/0",
    ],
)
def test_nothing_else_is_an_id(text):
    assert MemeId.parse(text) is None


def test_outputs_are_called_after_the_upload():
    assert meme_name("albums/me & you.png") == "albums/me & you.png.meme.jpg"
    assert meme_names("albums/me & you.png") == {
        "image/jpeg": "albums/me & you.png.meme.jpg",
        "image/webp": "albums/me & you.png.meme.webp",
        "image/gif": "albums/me & you.png.meme.gif",
    }
    assert report_name("albums/me & you.png") == "albums/me & you.png.json"


@pytest.mark.parametrize(("letter", "longest"), [("a", 1014), ("ä", 507), ("క", 338)])
def test_an_output_name_that_would_pass_1024_bytes_is_hashed(letter, longest):
    name = letter * longest
    assert meme_name(name) == f"{name}.meme.jpg"
    assert max(len(output.encode()) for output in meme_names(name).values()) <= 1024
    too_long = letter * (longest + 1)
    stem = f"sha256-{hashlib.sha256(too_long.encode()).hexdigest()}"
    assert (meme_name(too_long), report_name(too_long)) == (f"{stem}.meme.jpg", f"{stem}.json")


def test_no_two_uploads_share_an_output():
    """Not even one that is called like the hash of another's name."""
    long = "a" * 1020
    spoofed = f"sha256-{hashlib.sha256(long.encode()).hexdigest()}"
    twice = f"sha256-{hashlib.sha256(spoofed.encode()).hexdigest()}"
    names = [long, spoofed, twice, f"{spoofed}x", spoofed.upper(), f"a/{spoofed}"]
    outputs = [name_of(name) for name in names for name_of in (meme_name, report_name)]
    assert len(set(outputs)) == len(outputs)
    assert meme_name(spoofed) == f"{twice}.meme.jpg"
    assert meme_name(f"{spoofed}x") == f"{spoofed}x.meme.jpg"


def test_a_token_is_what_16_bytes_are_written_as_and_no_other_text_is_one():
    token = MemeId(PHOTO, 0).token
    assert base64.urlsafe_b64decode(f"{token}==") == hashlib.sha256(f"{PHOTO}-0".encode()).digest()[:16]
    assert len(token) == 22
    assert is_token(token)
    for text in ("", token[:-1], f"{token}A", f"{token[:-1]}.", f"{token}\n", f"../{token[3:]}"):
        assert not is_token(text)


def test_the_default_seed_is_the_head_of_a_hash_and_differs_by_each_part():
    digest = hashlib.sha256(b"photos\nme.jpg\n17").hexdigest()
    assert default_seed("photos", "me.jpg", 17) == int(digest[:16], 16) // 2
    others = {
        default_seed("photo", "sme.jpg", 17),
        default_seed("photos", "me.jpg", 18),
        default_seed("photos", "me.jpeg", 17),
        default_seed("photos", "me.jpg", 17),
    }
    assert len(others) == 4
    assert all(0 <= seed < 2**63 for seed in others)


def test_the_sweep_s_memory_is_no_upload_s_output():
    """Outputs end in .meme.jpg and .json. Its name stays, or a sweep forgets what it knew."""
    assert SWEEP_STATE == "sweep.state"
    assert not SWEEP_STATE.endswith((".meme.jpg", ".json"))
