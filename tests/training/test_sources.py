"""Each adapter against its set's published layout and its known errors."""

import re
from collections import Counter

import numpy as np
import pytest

from memegen.options import EXPRESSIONS
from tests.support.drawing import draw_face
from tests.training.layouts import write_picture, write_table
from training.data.crops import read_split
from training.data.prepare import prepare, read_pixels, split_people
from training.data.sources import (
    VOTED,
    Labelled,
    read_famous,
    read_fer2013,
    read_folder,
    read_imfdb,
    read_jaffe,
    read_source,
)
from training.settings import DEFAULT_FILE, Prepare, read_settings

FACE = draw_face(24, "happiness")
NO_VOTES = dict.fromkeys(VOTED, 0)


def test_fer2013_drops_twins_of_later_splits_and_pictures_without_a_face(tmp_path):
    names = {
        "train/anger/Training_1.jpg": 0,  # a twin in public_test
        "train/anger/Training_2.jpg": 0,  # a twin in private_test
        "train/fear/Training_3.jpg": 0,  # twins within train stay
        "train/fear/Training_4.jpg": 0,
        "train/fear/Training_5.jpg": 8,  # eight of ten see no face
        "public_test/anger/PublicTest_1.png": 0,
        "public_test/anger/PublicTest_2.png": 0,  # a twin in private_test
        "private_test/anger/PrivateTest_1.png": 0,
        "private_test/anger/PrivateTest_2.png": 10,  # the benchmark stays whole
    }
    for name in names:
        write_picture(tmp_path / "fer2013" / name, FACE)
    groups = [
        ("train/anger/Training_1.jpg", 0),
        ("public_test/anger/PublicTest_1.png", 0),
        ("train/anger/Training_2.jpg", 1),
        ("public_test/anger/PublicTest_2.png", 1),
        ("private_test/anger/PrivateTest_1.png", 1),
        ("train/fear/Training_3.jpg", 2),
        ("train/fear/Training_4.jpg", 2),
    ]
    root = tmp_path / "fer2013"
    write_table(
        root / "duplicates.csv", ["group", "path"], [{"group": g, "path": f"fer2013/{p}"} for p, g in groups]
    )
    write_table(
        root / "ferplus_votes.csv",
        ["path", *VOTED],
        [{"path": f"fer2013/{p}", **NO_VOTES, "fear": 10 - n, "NF": n} for p, n in names.items()],
    )
    dropped: Counter[str] = Counter()
    read = list(read_fer2013(tmp_path, dropped))
    assert [picture.votes[VOTED.index("fear")] for picture in read] == [10, 10, 10, 10, 0]
    assert {(picture.split, picture.file.name, picture.expression) for picture in read} == {
        ("train", "Training_3.jpg", "fear"),
        ("train", "Training_4.jpg", "fear"),
        ("validation", "PublicTest_1.png", "anger"),
        ("test", "PrivateTest_1.png", "anger"),
        ("test", "PrivateTest_2.png", "anger"),
    }
    assert dropped == {
        "fer2013: train twin of a later split": 2,
        "fer2013: public_test twin of a later split": 1,
        "fer2013: train, no face by FER+ votes": 1,
    }


def test_jaffe_reads_subject_and_expression_from_the_name(tmp_path):
    for name in ("KA.AN1.39.tiff", "YM.SU3.70.tiff", "KM.XX1.1.tiff"):
        write_picture(tmp_path / "jaffe" / name, FACE)
    dropped: Counter[str] = Counter()
    read = {(picture.person, picture.expression) for picture in read_jaffe(tmp_path, dropped)}
    assert read == {("KA", "anger"), ("YM", "surprise")}
    assert dropped == {"jaffe: name without a known code": 1}


def test_imfdb_is_read_in_spite_of_the_errors_in_its_annotations(tmp_path):
    film = tmp_path / "IMFDB_final" / "Some Actor" / "Film"
    lines = [
        "film\t01.jpg\tActor_1.jpg\t1\t2\t22\t26\tFilm\tActor\tMALE\tNEUTRAL\tNONE",
        "film 02.jpg ACTOR_2.JPG 1 2 22 26 Film MALE HAPPINES NONE",  # another case, spaces, misspelt
        "film,03.jpg,Actor_3.jpg,1,2,22,26,Film,MALE,NUETRAL,NONE",  # commas
        "film\t04.jpg\tActor_4.jpg\t1\t2\t22\t26\tFilm\tMALE\tSURPISE\tNONE",
        "film\t05.jpg\tActor_5.jpg\t1\t2\t22\t26\tFilm\tMALE\tDISGUISE\tNONE",
        "film\t06.jpg\tActor_6.jpg\t1\t2\t22\t26",  # no expression
        "film\t07.jpg\tActor_7.jpg\t1\t2\t22\t26\tFilm\tMALE\tFEAR\tNONE",  # the picture is absent
        "a heading without a picture",
    ]
    (film / "images").mkdir(parents=True)
    (film / "Film.txt").write_bytes("\r\n".join(lines).encode("utf-16"))
    for number in (1, 2, 3, 4, 5, 6, 8):
        write_picture(film / "images" / f"Actor_{number}.jpg", FACE)
    dropped: Counter[str] = Counter()
    read = {picture.file.name: picture.expression for picture in read_imfdb(tmp_path, dropped)}
    assert read == {
        "Actor_1.jpg": "neutral",
        "Actor_2.jpg": "happiness",
        "Actor_3.jpg": "neutral",
        "Actor_4.jpg": "surprise",
        "Actor_5.jpg": "disgust",
    }
    assert dropped["imfdb: line without an expression"] == 1
    assert dropped["imfdb: picture without a label"] == 2
    assert dropped["imfdb: label without a picture"] == 1


def test_imfdb_matches_by_number_where_no_name_of_a_film_agrees(tmp_path):
    film = tmp_path / "IMFDB_final" / "Actor" / "Film"
    write_picture(film / "images" / "Aktor_31.jpg", FACE)
    (film / "Film.txt").write_text("film\t1.jpg\tActor31_31.jpg\t1\t2\t22\t26\tMALE\tSADNESS\tNONE\n")
    (picture,) = read_imfdb(tmp_path, Counter())
    assert (picture.expression, picture.person) == ("sadness", "Actor")


def test_imfdb_drops_the_twin_films_common_pictures(tmp_path):
    root = tmp_path / "IMFDB_final" / "Actor"
    for film, label in (("Narasimham", "ANGER"), ("Padayottam", "FEAR")):
        write_picture(root / film / "images" / f"{film}_1.png.jpg", FACE)
        (root / film / f"{film}.txt").write_text(f"x\t{film}_1.png.jpg\t1\tMALE\t{label}\n")
    write_picture(root / "Padayottam" / "images" / "own.jpg", draw_face(24, "sadness"))
    with (root / "Padayottam" / "Padayottam.txt").open("a") as lines:
        lines.write("x\town.jpg\t1\tMALE\tSADNESS\n")
    dropped: Counter[str] = Counter()
    assert [picture.file.name for picture in read_imfdb(tmp_path, dropped)] == ["own.jpg"]
    assert dropped["imfdb: twin in another film"] == 2


def test_famous_reads_its_legend(tmp_path):
    root = tmp_path / "facial_expressions"
    rows = [
        ("Ann_Lee_0001.jpg", "happiness"),
        ("Ann_Lee_0002.jpg", "anger"),
        ("Bo_0001.jpg", "contempt"),
        ("Cy_0001.jpg", "fear"),
    ]
    for name, _ in rows[:3]:
        write_picture(root / "images" / name, FACE)
    write_table(
        root / "data" / "legend.csv",
        ["user.id", "image", "emotion"],
        [{"user.id": "", "image": name, "emotion": emotion} for name, emotion in rows],
    )
    dropped: Counter[str] = Counter()
    read = [(picture.person, picture.expression) for picture in read_famous(tmp_path, dropped)]
    assert read == [("Ann_Lee", "happiness"), ("Ann_Lee", "anger")]
    assert dropped == {"famous: contempt is no class": 1, "famous: picture absent": 1}


def test_a_folder_of_one_s_own_faces(tmp_path):
    write_picture(tmp_path / "fear" / "me.png", FACE)
    (picture,) = read_folder(tmp_path, "mine")
    assert (picture.expression, picture.source) == ("fear", "mine")


def test_a_folder_that_is_no_class_is_named(tmp_path):
    write_picture(tmp_path / "joy" / "me.png", FACE)
    with pytest.raises(ValueError, match=r"joy is no class; expected are folders named anger"):
        list(read_folder(tmp_path, "mine"))


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ValueError, match="nowhere is missing"):
        list(read_folder(tmp_path / "nowhere", "mine"))


def test_an_unreadable_picture_is_named(tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"bad\.png can't be read"):
        read_pixels(Labelled(tmp_path / "bad.png", "fear", "mine", "bad"))


def write_fer_table(folder, rows):
    """`fer2013.csv` as published, of (emotion, pixels (48, 48), usage)."""
    lines = [
        {"emotion": emotion, "pixels": " ".join(map(str, pixels.ravel())), "Usage": usage}
        for emotion, pixels, usage in rows
    ]
    write_table(folder / "fer2013" / "fer2013.csv", ["emotion", "pixels", "Usage"], lines)


def test_the_original_table_of_fer2013_is_read_with_its_twins_and_votes(tmp_path):
    faces = [draw_face(48, "sadness", np.random.default_rng(seed)) for seed in range(5)]
    write_fer_table(
        tmp_path,
        [
            (4, faces[0], "Training"),  # sadness in the table's own numbering
            (6, faces[1], "Training"),  # neutral; the twin of a test picture
            (3, faces[2], "Training"),  # no face by the votes
            (5, faces[3], "PublicTest"),
            (6, faces[1], "PrivateTest"),
            (0, faces[4], "PrivateTest"),
        ],
    )
    votes = [{"Usage": "x", **NO_VOTES, "NF": count} for count in (4, 0, 6, 9, 0, 0)]
    write_table(tmp_path / "fer2013" / "fer2013new.csv", ["Usage", *VOTED], votes)
    dropped: Counter[str] = Counter()
    read = list(read_source("fer2013", tmp_path, dropped))
    assert [(picture.expression, picture.split) for picture in read] == [
        ("sadness", "train"),
        ("surprise", "validation"),
        ("neutral", "test"),
        ("anger", "test"),
    ]
    assert (read[0].pixels == faces[0]).all()
    assert [picture.votes[-1] for picture in read] == [4, 9, 0, 0]
    assert read_pixels(read[0]).shape == (48, 48)
    assert len({picture.person for picture in read}) == 4
    assert dropped == {
        "fer2013: train twin of a later split": 1,
        "fer2013: train, no face by FER+ votes": 1,
    }


def test_a_bad_row_of_the_table_is_named(tmp_path):
    write_fer_table(tmp_path, [(4, np.zeros((48, 48), int), "Training"), (4, np.zeros(9, int), "Training")])
    with pytest.raises(ValueError, match=r"fer2013\.csv, line 3: .*expected are emotion 0 to 6"):
        list(read_source("fer2013", tmp_path, Counter()))


def test_another_name_is_a_plain_folder_with_people_before_two_hyphens(tmp_path):
    for name in ("ann--1.png", "ann--2.png", "lonely.png"):
        write_picture(tmp_path / "friends" / "fear" / name, FACE)
    people = [picture.person for picture in read_source("friends", tmp_path, Counter())]
    assert people == ["ann", "ann", "fear/lonely.png"]


def test_a_set_of_one_class_only_is_named(tmp_path, settings):
    write_picture(tmp_path / "fer2013" / "fear" / "me.png", FACE)
    for split in ("train", "public_test", "private_test"):
        write_picture(tmp_path / "fer2013" / split / "fear" / "me.png", FACE)
    write_table(tmp_path / "fer2013" / "ferplus_votes.csv", ["path", *VOTED], [])
    write_table(tmp_path / "fer2013" / "duplicates.csv", ["group", "path"], [])
    with pytest.raises(ValueError, match=r"fer2013 under .* has pictures of \['fear'\]; two classes"):
        prepare(tmp_path, tmp_path / "run", settings)


def test_people_are_split_by_share_and_never_move():
    settings = Prepare(validation_share=0.2, test_share=0.1, seed=1, whole_photos=())
    people = {f"person {number}" for number in range(50)}
    place = split_people(people, "famous", settings)
    assert Counter(place.values()) == {"train": 35, "validation": 10, "test": 5}
    assert split_people(sorted(people, reverse=True), "famous", settings) == place


def test_training_can_read_no_test_split(tmp_path):
    with pytest.raises(ValueError, match="training reads only train and validation"):
        read_split(tmp_path, "test")


def test_settings_with_an_unknown_entry_are_refused(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text(
        DEFAULT_FILE.read_text().replace("dropout = 0.2\nseed = 2\n", "drop_out = 0.2\nseed = 2\n")
    )
    with pytest.raises(ValueError, match=r"settings\.toml, table \[backbones\.narrow\].*drop_out"):
        read_settings(file)


@pytest.mark.parametrize(("line", "table"), [("folds", "crossfit"), ("also", "members.c")])
def test_an_unknown_body_is_refused(tmp_path, line, table):
    file = tmp_path / "settings.toml"
    known, unknown = (f'backbone = "{backbone}"\n{line} = ' for backbone in ("wide", "huge"))
    file.write_text(DEFAULT_FILE.read_text().replace(known, unknown))
    expected = f"[{table}]: the backbone is 'huge'; expected is one of narrow, middle, wide"
    with pytest.raises(ValueError, match=re.escape(expected)):
        read_settings(file)


@pytest.mark.parametrize(
    ("pinned", "expected"),
    [
        (
            '{ backbone = "huge" }',
            "[members.b.pinned]: the backbone is 'huge'; expected is one of narrow, middle, wide",
        ),
        ("{ epochs = 9 }", "[members.b.pinned]: epochs is not searched; backbone, own_share, balance,"),
    ],
)
def test_only_what_is_searched_can_be_pinned(tmp_path, pinned, expected):
    file = tmp_path / "settings.toml"
    text = re.sub(
        r"(\[members\.b\].*?\npinned = ).*?\n", rf"\g<1>{pinned}\n", DEFAULT_FILE.read_text(), flags=re.DOTALL
    )
    file.write_text(text)
    with pytest.raises(ValueError, match=re.escape(expected)):
        read_settings(file)


def test_trials_for_what_is_no_member_are_refused(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text(DEFAULT_FILE.read_text().replace("trials = { ", "trials = { bb = 9, "))
    with pytest.raises(
        ValueError, match=r"table \[search\]: there are trials for bb; the members are a, b, c"
    ):
        read_settings(file)


def test_a_source_without_a_label_smoothing_is_refused(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text(DEFAULT_FILE.read_text().replace('source = "jaffe"', 'source = "friends"'))
    with pytest.raises(
        ValueError, match=r"table \[label_smoothing\]: friends is missing, from which member a draws"
    ):
        read_settings(file)


def test_classes_are_seven_in_alphabetical_order():
    assert list(EXPRESSIONS) == sorted(EXPRESSIONS)
    assert len(EXPRESSIONS) == 7


def test_bodies_with_unlike_numbers_of_rounds_are_refused(tmp_path):
    changed = tmp_path / "settings.toml"
    changed.write_text(
        DEFAULT_FILE.read_text().replace("distillation_epochs = [60, 40]", "distillation_epochs = [60]")
    )
    with pytest.raises(ValueError, match=r"'wide': 1\} numbers; expected is one number for each round"):
        read_settings(changed)


def test_a_settings_file_with_the_former_names_is_read_as_today(tmp_path):
    """The names of the settings as they were before the tables got the field's own words."""
    text = DEFAULT_FILE.read_text()
    former = {
        "[backbones.": "[bodies.",
        "distillation_epochs = ": "refined_epochs = ",
        "[crossfit]": "[judges]",
        "folds = 4": "parts = 4",
        "ema_decay = ": "average = ",
        "pinned = ": "kept = ",
        "backbone = ": "body = ",
    }
    for today, then in former.items():
        assert today in text
        text = text.replace(today, then)
    # The settings of the former table [refinement] stand in [distillation] today.
    refinement = ""
    for name in ("learning_rate = 0.05", "augmentation = 0.6", "blur_chance = 0.1"):
        before, table, after = text.partition("[distillation]\n")
        assert f"\n{name}\n" in after
        text = before + table + after.replace(f"\n{name}\n", "\n", 1)
        refinement += f"{name}\n"
    file = tmp_path / "settings.toml"
    file.write_text(f"{text}\n[refinement]\n{refinement}")
    assert read_settings(file) == read_settings(DEFAULT_FILE)
