"""Prints the reference values of the tests in src/vision/local/network.rs, computed by onnxruntime.

    pip install numpy onnxruntime
    python golden.py

The pictures are formulas, at sizes the network takes as they are, so that nothing depends on resizing.
"""

import pathlib

import numpy as np
import onnxruntime

MODEL = pathlib.Path(__file__).parents[2] / "assets" / "model"


def picture(width, height):
    y, x = np.mgrid[0:height, 0:width]
    red = (x // 16 * 37 + y // 16 * 91) % 256
    green = x * 255 // width
    blue = (x * y // 64) % 256
    return np.stack([red, green, blue], axis=-1).astype(np.uint8)


def main():
    head = np.fromfile(MODEL / "head.bin", "<f4")
    weights, bias = head[:-1], head[-1]
    session = onnxruntime.InferenceSession(MODEL / "efflite0_w8.onnx", providers=["CPUExecutionProvider"])
    for width, height in [(288, 160), (224, 224), (160, 288)]:
        image = (picture(width, height).astype(np.float32) - 127) / 128
        embedding, cells = session.run(["embedding", "f32"], {"image": image.transpose(2, 0, 1)[None]})
        heat = np.tensordot(weights, cells[0], 1) + bias
        logit = float(embedding[0] @ weights + bias)
        print(f"{width}x{height}: logit {logit:.5f}, first cell {heat[0, 0]:.5f}, last cell {heat[-1, -1]:.5f}, hottest {heat.max():.5f}, {heat.shape}")


if __name__ == "__main__":
    main()
