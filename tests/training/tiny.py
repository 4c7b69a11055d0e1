"""Settings of the pipeline for drawn faces: networks of a few thousand parameters, short trainings."""

import re

from training.settings import DEFAULT_FILE

# Every occurrence of the setting takes the value.
_VALUES = {
    "stem": "4",
    "widths": "[6, 8, 12]",
    "blocks": "1",
    "dropout": "0.0",
    "batch": "24",
    "ema_decay": "0.9",
    "precision": '"float32"',
    "mixup": "0.0",
    "trials": "{ b = 3, c = 3 }",
    "epoch_pictures": "96",
    "fold_epochs": "1",
    "balance_seeds": "2",
}


def tiny_settings() -> str:
    """The shipped settings file with small values in the places of the large ones."""
    text = DEFAULT_FILE.read_text()
    for name, value in _VALUES.items():
        text, count = re.subn(rf"^{name} = .*$", f"{name} = {value}", text, flags=re.MULTILINE)
        assert count, name
    head, members = text.split("[search]")
    head = re.sub(r"^epochs = .*$", "epochs = 20", head, flags=re.MULTILINE)
    head = re.sub(r"^distillation_epochs = .*$", "distillation_epochs = [1, 1]", head, flags=re.MULTILINE)
    face = re.search(r"\[face_backbone\]\n(?:[^\[]*\n)?epochs = 20$", head, flags=re.MULTILINE)
    assert face
    head = head.replace(face[0], face[0].replace("epochs = 20", "epochs = 1"))
    members = re.sub(r"^epochs = .*$", "epochs = 2", members, flags=re.MULTILINE)
    return f"{head}[search]{members}"
