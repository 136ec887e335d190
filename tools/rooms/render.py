"""Render the rooms: python render.py --out DIR --raw DIR [--room kitchen] [--only day-08] [--draft]."""

import argparse
import json
import math
import random
from pathlib import Path

import bpy
import numpy
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector
from PIL import Image

import light
import materials
import things
from rooms import ROOMS

COUNTS = (0, 1, 3, 8, 20)
SIZE = (960, 540)


def start(draft, samples, threads):
    """An empty scene set up for Cycles."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    materials.forget()
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = samples
    scene.cycles.use_denoising = True
    scene.cycles.denoiser = "OPENIMAGEDENOISE"
    scene.cycles.max_bounces, scene.cycles.diffuse_bounces = 6, 3
    scene.cycles.sample_clamp_indirect = 6
    scene.cycles.caustics_reflective = scene.cycles.caustics_refractive = False
    scene.render.threads_mode, scene.render.threads = "FIXED", threads
    scene.render.use_persistent_data = True
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.render.resolution_percentage = 50 if draft else 100
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = "AgX - Medium High Contrast"
    return scene


def hang_camera(scene, room):
    data = bpy.data.cameras.new("camera")
    data.angle = math.radians(room.view)
    camera = bpy.data.objects.new("camera", data)
    camera.location = room.camera
    aim = Vector(room.look_at) - Vector(room.camera)
    camera.rotation_euler = aim.to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(camera)
    scene.camera = camera
    bpy.context.view_layer.update()
    return camera


def seen_box(scene, camera, thing):
    """Box of the part of a thing the camera sees, as fractions; and how much is seen."""
    eye = camera.matrix_world.translation
    graph = bpy.context.evaluated_depsgraph_get()
    vertices = thing.data.vertices
    step = max(1, len(vertices) // 500)
    points, tried = [], 0
    for vertex in list(vertices)[::step]:
        at = thing.matrix_world @ vertex.co
        tried += 1
        away = at - eye
        hit, _, _, _, what, _ = scene.ray_cast(graph, eye, away.normalized(), distance=away.length - .02)
        if hit and what.name != thing.name:
            continue
        spot = world_to_camera_view(scene, camera, at)
        if 0 <= spot.x <= 1 and 0 <= spot.y <= 1:
            points.append((spot.x, 1 - spot.y))
    if not points:
        return None, 0.0
    xs, ys = zip(*points)
    box = [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]
    return [round(v, 4) for v in box], len(points) / tried


def rest_height(scene, x, y, reach, cast_from):
    """Height of a level spot wide enough for a thing, or None."""
    graph = bpy.context.evaluated_depsgraph_get()
    heights = []
    for i in range(9):
        k = 0 if i == 8 else reach
        start_at = (x + k * math.cos(i * math.pi / 4), y + k * math.sin(i * math.pi / 4), cast_from)
        hit, where, *_ = scene.ray_cast(graph, start_at, (0, 0, -1))
        if not hit:
            return None
        heights.append(where.z)
    return max(heights) if max(heights) - min(heights) < .03 else None


def put_down(scene, camera, room, kind, place, rng, placed):
    """Make a thing and find it a free, visible, level spot in its place."""
    thing = things.make(kind, rng)
    reach = sorted(math.hypot(v.co.x, v.co.y) for v in thing.data.vertices)[-len(thing.data.vertices) // 20]
    x0, y0, x1, y1, cast_from = room.places[place]
    # Crowded places: ask for less room with every failed try.
    for attempt in range(400):
        need = reach * (1 - .0018 * attempt)
        x, y = rng.uniform(x0, x1), rng.uniform(y0, y1)
        if any(math.hypot(x - ox, y - oy) < (need + other) * .85 for ox, oy, other in placed):
            continue
        z = rest_height(scene, x, y, need * .8, cast_from)
        if z is None:
            continue
        thing.location = (x, y, z + .002)
        thing.rotation_euler = (0, 0, rng.uniform(0, 6.28))
        bpy.context.view_layer.update()
        box, seen = seen_box(scene, camera, thing)
        if box and seen > .3 and min(box[0], box[1], 1 - box[0] - box[2], 1 - box[1] - box[3]) > .004:
            placed.append((x, y, need))
            return thing
    raise RuntimeError(f"no room for {kind} in {place}")


def show(lying, count):
    for i, thing in enumerate(lying):
        thing.hide_render = thing.hide_viewport = i >= count
    bpy.context.view_layer.update()


def develop(source, target, key):
    """What a cheap camera does to a picture: falling corners, sensor noise, JPEG."""
    pixels = numpy.asarray(Image.open(source).convert("RGB")).astype(numpy.float32)
    height, width, _ = pixels.shape
    y, x = numpy.mgrid[-1:1:height * 1j, -1:1:width * 1j]
    pixels *= (1 - .10 * (x * x + y * y))[..., None]
    noise = numpy.random.default_rng(list(key.encode()))
    grain = noise.normal(0, 1.1, (height, width, 1)) + noise.normal(0, .5, pixels.shape)
    pixels = numpy.clip(pixels + grain, 0, 255).round().astype(numpy.uint8)
    target.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(target, quality=60, optimize=True, subsampling=2)


def frames(name):
    """(file stem, light, count, sub-pixel shift, seed) of every picture of a room."""
    for lit in ("day", "evening"):
        for count in COUNTS:
            yield f"{lit}-{count:02d}", lit, count, 0.0, 1
    yield "day-00b", "day-b", 0, 0.45, 7
    if name == "living_room":
        yield "night-00", "night", 0, 0.0, 3


def render_room(name, options):
    scene = start(options.draft, options.samples, options.threads)
    room = ROOMS[name](random.Random(name))
    camera = hang_camera(scene, room)
    placed, lying = [], []
    for i, (kind, place) in enumerate(room.litter):
        rng = random.Random(f"{name}/{i}/{kind}")
        lying.append(put_down(scene, camera, room, kind, place, rng, placed))
    truth = {}
    for stem, lit, count, shift, seed in frames(name):
        if options.only and stem not in options.only:
            continue
        light.set_light(room, lit)
        show(lying, count)
        camera.data.shift_x = shift / SIZE[0]
        scene.cycles.seed = seed
        exposed = options.raw.resolve() / name / f"{stem}.png"
        if not exposed.exists():
            scene.render.filepath = str(exposed)
            bpy.ops.render.render(write_still=True)
        develop(exposed, options.out / name / f"{stem}.jpg", f"{name}/{stem}")
        boxes = [(thing.name.split(".")[0], seen_box(scene, camera, thing)[0]) for thing in lying[:count]]
        truth[f"{name}/{stem}.jpg"] = {
            "room": name, "light": lit.removesuffix("-b"), "count": count,
            "things": [{"name": kind, "box": box} for kind, box in boxes],
        }
    return truth


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, required=True)
    asked.add_argument("--raw", type=Path, required=True,
                       help="folder for undeveloped frames; one found there is not rendered again")
    asked.add_argument("--room", choices=ROOMS, action="append")
    asked.add_argument("--draft", action="store_true", help="half size")
    asked.add_argument("--samples", type=int, default=20, help="per pixel, before denoising")
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--only", action="append", help="a picture's name, such as day-08")
    options = asked.parse_args()
    listing = options.out / "truth.json"
    truth = json.loads(listing.read_text()) if listing.exists() else {}
    for name in options.room or ROOMS:
        truth.update(render_room(name, options))
        listing.write_text(json.dumps(dict(sorted(truth.items())), indent=1) + "\n")


if __name__ == "__main__":
    main()
