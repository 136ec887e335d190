#!/bin/sh
# What a check costs beside the same work in Pillow and OpenCV + onnxruntime, in
# one run on one machine. Usage: benches/run.sh [PICTURE]
set -eu
cd "$(dirname "$0")/.."
work=${CARGO_TARGET_DIR:-target}/bench-stages
mkdir -p "$work"
if ! [ -x "$work/venv/bin/python" ]; then
    python3 -m venv "$work/venv"
    nice "$work/venv/bin/pip" install --quiet --disable-pip-version-check -r benches/requirements.txt
fi
cargo bench --quiet --bench stages -- --tsv --keep "$work" "$@" >"$work/ours.tsv"
"$work/venv/bin/python" benches/stages.py "$work" "$work/ours.tsv"
