"""Score the rooms with the judge's network: python measure.py NETWORK HEADS PICTURES."""

import argparse
import json
import math
import sys
from pathlib import Path

import numpy
import onnxruntime
from PIL import Image


def prepare(path):
    """About 224x224 pixels in area at the picture's own shape, sides multiples of 32."""
    picture = Image.open(path).convert("RGB")
    scale = 224 / math.sqrt(picture.width * picture.height)
    size = [max(32, round(side * scale / 32) * 32) for side in picture.size]
    pixels = numpy.asarray(picture.resize(size, Image.LANCZOS), dtype=numpy.float32)
    return ((pixels - 127) / 128).transpose(2, 0, 1)[None]


def scores(network, head, pictures):
    """{(room, stem): score from 0 to 100, higher is tidier}"""
    weights = numpy.array(head["w"], dtype=numpy.float32)
    inlet = network.get_inputs()[0].name
    found = {}
    for path in sorted(pictures.glob("*/*.jpg")):
        embedding = network.run(["embedding"], {inlet: prepare(path)})[0][0]
        found[path.parent.name, path.stem] = 100 / (1 + math.exp(float(embedding @ weights) + head["b"]))
    return found


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("network", type=Path)
    asked.add_argument("heads", type=Path)
    asked.add_argument("pictures", type=Path)
    options = asked.parse_args()
    head = json.loads(options.heads.read_text())["trained_head"]
    network = onnxruntime.InferenceSession(str(options.network), providers=["CPUExecutionProvider"])
    found = scores(network, head, options.pictures)
    print("| room | light | clean | 1 thing | 3 | 8 | 20 | |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |")
    good = True
    for room, light in sorted({(room, stem.split("-")[0]) for room, stem in found}):
        line = [found.get((room, f"{light}-{count}")) for count in ("00", "01", "03", "08", "20")]
        if None in line:
            continue
        kept = line[0] >= 55 and line[0] - line[3] >= 10 and line[0] - line[4] >= 25
        good &= kept
        cells = " | ".join(f"{score:.0f}" for score in line)
        print(f"| {room} | {light} | {cells} | {'ok' if kept else 'not as wanted'} |")
    print()
    for (room, stem), score in found.items():
        if stem in ("day-00b", "night-00"):
            print(f"- {room} {stem}: {score:.0f}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
