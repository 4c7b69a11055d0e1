"""docs/how-to/member.md, done in a copy of the settings."""

from pathlib import Path

from training.settings import DEFAULT_FILE, read_settings


def test_a_member_that_is_added_to_the_settings_is_read(tmp_path: Path):
    text = DEFAULT_FILE.read_text()
    member = text.partition("[members.a]")[2].partition("[members.b]")[0]
    member = member.replace('source = "jaffe"', 'source = "friends"').replace("seed = 11", "seed = 14")
    member = member.replace('backbone = "face"', 'backbone = "small"')
    backbone = text.partition("[backbones.narrow]")[2].partition("[backbones.middle]")[0]
    changed = (
        text.replace("[label_smoothing]\n", "[label_smoothing]\nfriends = 0.1\n")
        .replace("trials = { ", "trials = { d = 12, ")
        .replace("[backbones.narrow]", f"[backbones.small]{backbone}[backbones.narrow]")
    )
    file = tmp_path / "settings.toml"
    file.write_text(f"{changed}\n[members.d]{member}")
    settings = read_settings(file)
    assert list(settings.members) == ["a", "b", "c", "d"]
    assert settings.members["d"].source == "friends"
    assert settings.backbone_of("d") == settings.backbones["small"]
    assert len(settings.backbones) == len(settings.members)
    assert settings.search.trials["d"] == 12
