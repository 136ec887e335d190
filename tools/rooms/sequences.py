"""Six rooms as fixed cameras see them for days, for `aicleaner evaluate`.

    python sequences.py --out DIR --raw DIR [--room hallway] [--batch 1] [--samples 12]

Every rendered frame is kept in RAW under the hash of all that made it; a picture
is a frame as a camera took it (noise, exposure, a small shift, JPEG), and a
frame is photographed several times. `DIR/fit` holds the rooms that constants
may be fitted on, `DIR/report` those that figures are reported on.
"""

import argparse
import fcntl
import hashlib
import json
import math
import random
from pathlib import Path
from typing import NamedTuple

import bpy
import numpy
from PIL import Image

import cloth
import light
import more_rooms
import render
import rooms
import scenery

ROOMS = {**rooms.ROOMS, **more_rooms.ROOMS}
FITTED = tuple(rooms.ROOMS)
SIZE = (640, 360)
LADDER = (1, 2, 3, 5, 8, 12, 20)
HERE = Path(__file__).parent
SCENE_FILES = ("cloth", "clutter", "materials", "more_rooms", "rooms", "scenery", "shapes", "things")


class Shot(NamedTuple):
    """One frame: under which light, with which things, what else is different."""
    light: str
    things: tuple = ()
    aside: str = ""      # curtains, chair, person, cat
    role: str = "look"   # or reference

    @property
    def stem(self):
        what = self.aside or f"{len(self.things):02d}"
        extra = f"-{self.things[0]}" if len(self.things) in (1, 3) else ""
        return f"{self.light.replace(' ', '-')}-{what}{extra}" + ("-reference" if self.role == "reference" else "")


def shots(litter):
    """The frames of a room, in batches: the first are enough to begin with."""
    def some(count, start):
        return tuple(sorted((start + 7 * i) % litter for i in range(count)))

    yield 1, [Shot(lit, role="reference") for lit in ("day", "evening", "infrared")] + [
        Shot("day-b"), Shot("overcast"), Shot("one lamp")] + [
        Shot("day-b", tuple(range(n))) for n in LADDER] + [Shot("day", aside="person")]
    yield 2, [Shot("afternoon"), Shot("overcast", some(1, 2)), Shot("evening", some(1, 4)),
              Shot("one lamp", some(3, 5)), Shot("afternoon", some(1, 1)), Shot("one lamp", some(1, 6)),
              Shot("dusk"), Shot("evening", some(3, 3)), Shot("day-b", aside="chair"),
              Shot("infrared", some(1, 14)), Shot("overcast", some(3, 9))]
    yield 3, [Shot("morning"), Shot("afternoon", some(3, 8)),
              Shot("morning", some(1, 10)), Shot("morning", some(3, 11)), Shot("dusk", some(1, 12)),
              Shot("dusk", some(3, 13)), Shot("infrared", some(3, 15)),
              Shot("infrared", some(8, 0)), Shot("evening", tuple(range(8))), Shot("one lamp", some(8, 2)),
              Shot("day-b", aside="curtains"), Shot("day", aside="cat"), Shot("evening", aside="person")]


def fingerprint():
    text = b"".join((HERE / f"{name}.py").read_bytes() for name in SCENE_FILES)
    return hashlib.sha256(text + bpy.app.version_string.encode()).hexdigest()


class Stage:
    """A furnished room with everything that can lie or pass in it."""

    def __init__(self, name, samples, threads):
        self.scene = render.start(False, samples, threads)
        self.scene.render.resolution_x, self.scene.render.resolution_y = SIZE
        self.room = ROOMS[name](random.Random(name))
        self.camera = render.hang_camera(self.scene, self.room)
        places = scenery.people_places(self.room)
        placed = [(*places[key][0][:2], .3) for key in ("chair", "chair moved")]
        self.things = []
        for i, (kind, place) in enumerate(self.room.litter):
            self.things.append(self.put_down(f"{name}/{i}/{kind}", kind, place, placed))
        if name == "bedroom":
            # The third thing to do: in a bedroom that is the bed.
            self.things[2].hide_render = self.things[2].hide_viewport = True
            self.things[2] = scenery.unmade_bed()
        self.chair = scenery.chair(*places["chair"])
        self.places = places
        self.asides = {"curtains": scenery.closed_curtains(self.room), "person": scenery.person(*places["person"]),
                       "cat": scenery.cat(*places["cat"])}

    def put_down(self, seed, kind, place, placed):
        """Where it belongs, or in a crowded room wherever there is a spot."""
        for where in (place, "floor", "front"):
            try:
                return render.put_down(self.scene, self.camera, self.room, kind, where, random.Random(seed), placed)
            except RuntimeError:
                # What found no place is the newest of its kind.
                bpy.data.objects.remove(max((o for o in bpy.data.objects if o.name.split(".")[0] == kind),
                                            key=lambda o: o.name))
        raise RuntimeError(f"no room for {kind}")

    def set(self, shot):
        light.set_light(self.room, shot.light)
        for i, thing in enumerate(self.things):
            thing.hide_render = thing.hide_viewport = i not in shot.things
        for name, thing in self.asides.items():
            thing.hide_render = thing.hide_viewport = name != shot.aside
        at, spin = self.places["chair moved" if shot.aside == "chair" else "chair"]
        self.chair.location, self.chair.rotation_euler = at, (0, 0, spin)
        self.scene.cycles.seed = int(hashlib.sha256(repr(shot).encode()).hexdigest()[:6], 16)
        bpy.context.view_layer.update()

    def truth(self, shot):
        return [{"name": self.things[i].name.split(".")[0],
                 "box": render.seen_box(self.scene, self.camera, self.things[i])[0]} for i in shot.things]


def shifted(pixels, dx, dy, angle):
    """The picture moved by a part of a pixel and turned by `angle` degrees; edges repeat."""
    height, width, _ = pixels.shape
    y, x = numpy.mgrid[:height, :width].astype(numpy.float32)
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    u, v = x - width / 2, y - height / 2
    sx = numpy.clip(c * u - s * v + width / 2 + dx, 0, width - 1.001)
    sy = numpy.clip(s * u + c * v + height / 2 + dy, 0, height - 1.001)
    x0, y0 = sx.astype(int), sy.astype(int)
    fx, fy = (sx - x0)[..., None], (sy - y0)[..., None]
    x1, y1 = numpy.minimum(x0 + 1, width - 1), numpy.minimum(y0 + 1, height - 1)
    top = pixels[y0, x0] * (1 - fx) + pixels[y0, x1] * fx
    low = pixels[y1, x0] * (1 - fx) + pixels[y1, x1] * fx
    return top * (1 - fy) + low * fy


# name: gain, gamma, gradient, white balance, sunlight patch, shift in pixels, degrees, noise, JPEG from
PHOTOGRAPHED = {
    "plain": ((.97, 1.03), .02, .0, .01, .0, .3, .0, 1.2, 82),
    "moderate": ((.74, 1.35), .12, .3, .08, .4, 1.5, .0, 3.0, 60),
    "severe": ((.55, 1.8), .25, .6, .10, .7, 3.0, .3, 5.0, 55),
}


def photograph(frame, how, key, grey):
    """What a cheap camera on another day makes of a frame."""
    gains, gamma, gradient, balance, patch, shift, turn, noise, quality = PHOTOGRAPHED[how]
    rng = numpy.random.default_rng(list(key.encode()))
    pixels = numpy.asarray(frame).astype(numpy.float32)
    height, width, _ = pixels.shape
    y, x = numpy.mgrid[-1:1:height * 1j, -1:1:width * 1j].astype(numpy.float32)
    pixels = pixels * (1 - .10 * (x * x + y * y))[..., None]
    if grey:
        pixels = (pixels @ numpy.array([.5, .35, .15], numpy.float32))[..., None].repeat(3, 2)
    pixels = shifted(pixels, *rng.uniform(-shift, shift, 2), rng.uniform(-turn, turn))
    towards = rng.uniform(0, 2 * math.pi)
    gain = math.exp(rng.uniform(*numpy.log(gains)))
    field = gain * (1 + gradient * rng.uniform(-1, 1) * (x * math.cos(towards) + y * math.sin(towards)) / 1.4)
    if patch and not grey and rng.random() < .6:
        # Sunlight through a window: a bright parallelogram with soft edges.
        cx, cy, w, h, lean = rng.uniform(-.7, .7), rng.uniform(0, .8), rng.uniform(.15, .35), rng.uniform(.15, .4), rng.uniform(-.6, .6)
        inside = numpy.minimum(w - abs(x - cx - lean * (y - cy)), h - abs(y - cy))
        field = field * (1 + patch * numpy.clip(inside / .02, 0, 1))
    pixels = 255 * numpy.clip(pixels * field[..., None] / 255, 0, None) ** math.exp(rng.uniform(-gamma, gamma))
    if not grey:
        pixels = pixels * (1 + rng.uniform(-balance, balance, 3))
    grain = rng.normal(0, noise, (height, width, 1)) + rng.normal(0, noise / 2, (1 if grey else height, 1 if grey else width, 1 if grey else 3))
    pixels = numpy.clip(pixels + grain, 0, 255).round().astype(numpy.uint8)
    return Image.fromarray(pixels), int(rng.integers(quality, 91))


def photographs(shot):
    """How often and how a frame is photographed."""
    if shot.role == "reference":
        return [("plain", 0)]
    return [("moderate", 0), ("moderate", 1), ("severe", 0), ("severe", 1)] + ([("plain", 0)] if not shot.aside else [])


def take(name, shot, frame, things, out, truth):
    folder = out / ("fit" if name in FITTED else "report")
    for how, number in photographs(shot):
        stem = f"{shot.stem}-{how}{number}"
        picture, quality = photograph(frame, how, f"{name}/{stem}", shot.light == "infrared")
        target = folder / name / f"{stem}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        picture.save(target, quality=quality, optimize=True, subsampling=2)
        truth[f"{name}/{stem}.jpg"] = {
            "room": name, "light": shot.light, "severity": how, "role": shot.role, "aside": shot.aside,
            "count": len(things), "things": things}
    return folder


def write_truth(folder, found):
    """Several runs may work on one folder."""
    listing = folder / "truth.json"
    with (folder / ".truth.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        truth = json.loads(listing.read_text()) if listing.exists() else {}
        truth.update(found)
        listing.write_text(json.dumps(dict(sorted(truth.items())), indent=1) + "\n")


def render_room(name, batches, options, made_of):
    stage = None
    for batch, listed in shots(20):
        if batch not in batches:
            continue
        for shot in listed:
            lit = light.LIGHTS[shot.light]
            key = hashlib.sha256(repr((made_of, name, shot, tuple(lit), options.samples, SIZE)).encode()).hexdigest()[:24]
            exposed, boxes = options.raw.resolve() / f"{key}.png", options.raw.resolve() / f"{key}.json"
            if not (exposed.exists() and boxes.exists()):
                if stage is None:
                    stage = Stage(name, options.samples, options.threads)
                stage.set(shot)
                boxes.parent.mkdir(parents=True, exist_ok=True)
                stage.scene.render.filepath = str(exposed)
                bpy.ops.render.render(write_still=True)
                boxes.write_text(json.dumps(stage.truth(shot)))
            truth = {}
            frame = Image.open(exposed).convert("RGB")
            folder = take(name, shot, frame, json.loads(boxes.read_text()), options.out, truth)
            write_truth(folder, truth)


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, required=True)
    asked.add_argument("--raw", type=Path, required=True, help="folder of rendered frames, by hash")
    asked.add_argument("--room", choices=ROOMS, action="append")
    asked.add_argument("--batch", type=int, action="append", help="1, 2, 3; all if not given")
    asked.add_argument("--samples", type=int, default=4, help="per pixel, before denoising")
    asked.add_argument("--threads", type=int, default=2)
    options = asked.parse_args()
    cloth.KEPT = options.raw / "cloth"
    made_of = fingerprint()
    for batch in options.batch or (1, 2, 3):
        for name in options.room or ROOMS:
            render_room(name, [batch], options, made_of)


if __name__ == "__main__":
    main()
