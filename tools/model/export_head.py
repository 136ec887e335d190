"""Writes assets/model/head.bin from a heads file: the weights, then the bias, as little-endian 32-bit floats.

    python export_head.py HEADS.json [OUT]

A heads file is JSON: {"trained_head": {"w": [1280 numbers], "b": number}}. A cell's heat is w·f + b; a room's
logit is the mean heat of its cells; positive means messy.
"""

import json
import pathlib
import struct
import sys

SHIPPED = pathlib.Path(__file__).parents[2] / "assets" / "model" / "head.bin"
CHANNELS = 1280


def main():
    heads, out = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else SHIPPED
    head = json.loads(pathlib.Path(heads).read_text())["trained_head"]
    if len(head["w"]) != CHANNELS:
        sys.exit(f"{heads}: {len(head['w'])} weights, {CHANNELS} expected")
    pathlib.Path(out).write_bytes(struct.pack(f"<{CHANNELS + 1}f", *head["w"], head["b"]))


if __name__ == "__main__":
    main()
