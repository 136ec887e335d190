"""The stages of benches/stages.rs with Pillow and OpenCV + onnxruntime: the same picture, the same work.

    python stages.py FOLDER OURS.tsv

FOLDER holds picture.jpg and frame.rgb (stages.rs --keep); OURS.tsv is what stages.rs --tsv printed. Prints one
table. Each stage runs in a process of its own, one thread, like there; "load network" includes the first look.
"""

import io
import pathlib
import statistics
import subprocess
import sys
import time

RUNS = 25
MODEL = pathlib.Path(__file__).parents[1] / "assets" / "model"
STAGES = ["decode", "shrink", "gates", "encode", "load network", "judge", "whole check"]


class Pillow:
    def __init__(self):
        from PIL import Image

        self.Image = Image

    def decode(self, encoded):
        return self.Image.open(io.BytesIO(encoded)).convert("RGB")

    def shrink(self, picture):
        return picture.resize((1024, 576), self.Image.Resampling.BOX)

    def from_raw(self, raw):
        return self.Image.frombytes("RGB", (1024, 576), raw)

    def array(self, picture):
        import numpy

        return numpy.asarray(picture)

    def seen(self, picture):
        return self.array(picture.resize((288, 160), self.Image.Resampling.LANCZOS))

    def encode(self, picture):
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=80)
        return out.getvalue()


class OpenCV:
    def __init__(self):
        import cv2

        cv2.setNumThreads(1)
        self.cv2 = cv2

    def decode(self, encoded):
        import numpy

        return self.cv2.imdecode(numpy.frombuffer(encoded, "u1"), self.cv2.IMREAD_COLOR_RGB)

    def shrink(self, picture):
        return self.cv2.resize(picture, (1024, 576), interpolation=self.cv2.INTER_AREA)

    def from_raw(self, raw):
        import numpy

        return numpy.frombuffer(raw, "u1").reshape(576, 1024, 3).copy()

    def array(self, picture):
        return picture

    def seen(self, picture):
        # Its Lanczos does not widen when shrinking; areas come closest.
        return self.cv2.resize(picture, (288, 160), interpolation=self.cv2.INTER_AREA)

    def encode(self, picture):
        return self.cv2.imencode(".jpg", self.cv2.cvtColor(picture, self.cv2.COLOR_RGB2BGR), [self.cv2.IMWRITE_JPEG_QUALITY, 80])[1]


def gates(rgb, before=None):
    """Brightness, burnt-out share and sharpness, then the likeness and its comparison; OpenCV and numpy for both."""
    import cv2
    import numpy

    cv2.setNumThreads(1)
    luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    burnt = (luma >= 250).mean()
    small = cv2.resize(luma, (256, 144), interpolation=cv2.INTER_AREA)
    low, bright, high = numpy.percentile(small, [1, 95, 99])
    steps = numpy.maximum(cv2.absdiff(small[1:, :-1], small[:-1, :-1]), cv2.absdiff(small[:-1, 1:], small[:-1, :-1]))
    parts = sorted(numpy.percentile(p, 99) for row in numpy.array_split(steps, 4) for p in numpy.array_split(row, 4, 1))
    usable = bright >= 16 and burnt <= 0.7 and high - low >= 10 and parts[-5] >= 0.08 * (high - low)

    def standing_out(cells, spread):
        cells = cells - cv2.GaussianBlur(cells, (0, 0), 4.3)
        return cells / (numpy.sqrt(cv2.GaussianBlur(cells * cells, (0, 0), 4.3)) + spread)

    grid = cv2.resize(rgb, (160, 90), interpolation=cv2.INTER_AREA).astype("f4")
    brightness = standing_out(40 * numpy.log(grid @ numpy.float32([0.299, 0.587, 0.114]) + 24), 16)
    colour = standing_out(40 * numpy.log((grid[..., 0] + 40) / (grid[..., 2] + 40)), 22)
    glare = cv2.resize((luma >= 250).astype("f4"), (160, 90), interpolation=cv2.INTER_AREA) > 0.2
    if before is None:
        return brightness, colour, glare
    moved = [numpy.abs(cv2.blur(numpy.where(glare | before[2], 0, now - then), (3, 3))).max() for now, then in zip((brightness, colour), before)]
    return usable, max(moved) > 0.24


class Judge:
    def __init__(self):
        import numpy
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(MODEL / "efflite0_w8.onnx", options, providers=["CPUExecutionProvider"])
        self.head = numpy.fromfile(MODEL / "head.bin", "<f4")

    def heat(self, rgb):
        import numpy

        image = numpy.ascontiguousarray(((rgb.astype("f4") - 127) / 128).transpose(2, 0, 1)[None])
        cells = self.session.run(["f32"], {"image": image})[0][0]
        return numpy.tensordot(self.head[:-1], cells, 1) + self.head[-1]


def status_mib(line):
    for text in open("/proc/self/status"):
        if text.startswith(line):
            return int(text.split()[1]) / 1024


def stage(name, library, folder):
    lib = {"Pillow": Pillow, "OpenCV": OpenCV}[library]()
    encoded, raw = (folder / "picture.jpg").read_bytes(), (folder / "frame.rgb").read_bytes()
    small = lib.from_raw(raw)

    def nothing():
        return None

    prepare = nothing
    if name == "decode":
        work = lambda _: lib.array(lib.decode(encoded))  # Pillow decodes when the pixels are wanted
    elif name == "shrink":
        prepare, work = lambda: lib.decode(encoded), lib.shrink
    elif name == "gates":
        before = gates(lib.array(small))
        work = lambda _: gates(lib.array(small), before)
    elif name == "encode":
        work = lambda _: lib.encode(small)
    elif name == "load network":
        import onnxruntime  # noqa: F401  its import is not the network's cost

        work = lambda _: Judge().heat(lib.seen(small))
    elif name == "judge":
        judge = Judge()
        judge.heat(lib.seen(small))
        work = lambda _: judge.heat(lib.seen(small))
    else:
        judge, before = Judge(), gates(lib.array(small))

        def work(_):
            picture = lib.shrink(lib.decode(encoded))
            gates(lib.array(picture), before)
            lib.encode(picture)
            judge.heat(lib.seen(picture))

    pathlib.Path("/proc/self/clear_refs").write_text("5")
    before_mib, times = status_mib("VmRSS:"), []
    for _ in range(RUNS):
        given = prepare()
        begun = time.perf_counter()
        work(given)
        times.append((time.perf_counter() - begun) * 1000)
    peak = status_mib("VmHWM:")
    print(f"{statistics.median(times):.1f} {peak - before_mib:.1f} {peak:.1f}")


def main():
    if sys.argv[1] == "--stage":
        return stage(sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4]))
    folder = sys.argv[1]
    ours = dict(line.rstrip("\n").split("\t", 1) for line in open(sys.argv[2]) if "\t" in line)
    print(f"1080p JPEG, {(pathlib.Path(folder) / 'picture.jpg').stat().st_size // 1000} kB; median of {RUNS} runs, one thread.")
    print("Each cell: milliseconds / peak MiB above what the process held before / peak MiB of the process.\n")
    print("| stage | aicleaner | Pillow + onnxruntime | OpenCV + onnxruntime |\n|---|---|---|---|")
    for name in STAGES:
        cells = [ours[name].replace("\t", " / ")]
        for library in ("Pillow", "OpenCV"):
            done = subprocess.run([sys.executable, __file__, "--stage", name, library, folder], capture_output=True, text=True, check=True)
            cells.append(done.stdout.strip().replace(" ", " / "))
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
