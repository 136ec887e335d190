"""Score the rooms with the judge's network: python measure.py NETWORK HEADS PICTURES."""

import argparse
import json
import math
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


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("network", type=Path)
    asked.add_argument("heads", type=Path)
    asked.add_argument("pictures", type=Path)
    options = asked.parse_args()
    head = json.loads(options.heads.read_text())["trained_head"]
    weights = numpy.array(head["w"], dtype=numpy.float32)
    network = onnxruntime.InferenceSession(str(options.network), providers=["CPUExecutionProvider"])
    rows, clean = {}, {}
    for path in sorted(options.pictures.glob("*/*.jpg")):
        embedding = network.run(["embedding"], {network.get_inputs()[0].name: prepare(path)})[0][0]
        z = float(embedding @ weights) + head["b"]
        rows[path.parent.name, path.stem] = z
    print("| room | picture | z | score | against clean | kB |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for (room, stem), z in rows.items():
        score = 100 / (1 + math.exp(z))
        if stem.endswith("-00"):
            clean[stem.split("-")[0]] = score
        base = clean[stem.split("-")[0]]
        size = (options.pictures / room / f"{stem}.jpg").stat().st_size / 1000
        print(f"| {room} | {stem} | {z:+.2f} | {score:.0f} | {score - base:+.0f} | {size:.0f} |")


if __name__ == "__main__":
    main()
