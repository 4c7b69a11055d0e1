"""The curves of growth: `.venv-bench/bin/python tests/bench/benchmarks/plot.py PICTURE < growth.json`."""

import json
import sys

import matplotlib.pyplot as plt

_WINDOW = 20


def main(path, growth):
    figure, (served, faces, pixels) = plt.subplots(1, 3, figsize=(13, 3.8), layout="constrained")
    costs = growth["served"]
    middles = [
        sorted(costs[start : start + _WINDOW])[_WINDOW // 2] for start in range(0, len(costs), _WINDOW)
    ]
    served.plot(range(_WINDOW, len(costs) + 1, _WINDOW), middles)
    served.set(title="Photos served before", xlabel="photos", ylabel="processor ms a meme")
    faces.plot(growth["faces"], marker="o")
    faces.set(title="Small faces in the photo", xlabel="faces")
    megapixels, memes, decodings = zip(*growth["pixels"], strict=True)
    pixels.plot(megapixels, memes, marker="o", label="meme")
    pixels.plot(megapixels, decodings, marker="o", label="decoding alone")
    pixels.set(title="Pixels of the photo", xlabel="megapixels")
    pixels.legend()
    for panel in (served, faces, pixels):
        panel.set_ylim(bottom=0)
        panel.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main(sys.argv[1], json.load(sys.stdin))
