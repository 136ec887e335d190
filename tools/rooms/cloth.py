"""Crumpled cloth: garments are cut from a flat sheet, hung up and let fall."""

import hashlib
import json
import math

import bpy

# Outlines as polygons in metres, roughly centred.
OUTLINES = {
    "t-shirt": [(-.20, -.34), (.20, -.34), (.22, .12), (.36, .02), (.44, .16), (.24, .34),
                (.09, .34), (0, .28), (-.09, .34), (-.24, .34), (-.44, .16), (-.36, .02),
                (-.22, .12)],
    "trousers": [(-.25, -.50), (-.09, -.50), (0, .16), (.09, -.50), (.25, -.50), (.22, .50),
                 (-.22, .50)],
    "towel": [(-.32, -.48), (.32, -.48), (.32, .48), (-.32, .48)],
    "blanket": [(-.55, -.70), (.55, -.70), (.55, .70), (-.55, .70)],
    "sock": [(-.05, -.16), (.05, -.16), (.05, .06), (.16, .12), (.14, .20), (-.05, .16)],
    "dish cloth": [(-.18, -.24), (.18, -.24), (.18, .24), (-.18, .24)],
}
OUTLINES_HASH = hashlib.sha256(repr(sorted(OUTLINES.items())).encode()).hexdigest()[:12]
KEPT = None   # a folder in which fallen garments are kept, if wanted
_fallen = {}


def _inside(x, y, polygon):
    hit = False
    for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1]):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            hit = not hit
    return hit


def _cut(kind):
    """Quads of a regular grid whose centre lies within the outline."""
    outline = OUTLINES[kind]
    reach = max(max(abs(x), abs(y)) for x, y in outline)
    step = max(0.014, reach / 26)
    n = int(reach / step) + 1
    index, points, faces = {}, [], []
    for i in range(-n, n):
        for j in range(-n, n):
            if not _inside((i + .5) * step, (j + .5) * step, outline):
                continue
            face = []
            for a, b in ((i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)):
                if (a, b) not in index:
                    index[a, b] = len(points)
                    points.append((a * step, b * step))
                face.append(index[a, b])
            faces.append(face)
    return points, faces


def fallen(kind, seed, steep=1.1):
    """Vertices and faces of a garment after it has dropped to the floor.

    `steep` is the angle it hangs at before: upright heaps up, flat spreads.
    """
    key = (kind, seed, steep)
    if key in _fallen:
        return _fallen[key]
    kept = KEPT and KEPT / f"{kind}-{seed}-{steep}-{OUTLINES_HASH}.json"
    if kept and kept.exists():
        _fallen[key] = json.loads(kept.read_text())
        return _fallen[key]
    points, faces = _cut(kind)
    home = bpy.context.scene
    wave = 0.05 + 0.02 * (seed % 3)
    low = min(y for _, y in points)
    vertices = []
    for x, y in points:
        # A few folds beforehand decide which way it buckles, per seed.
        ripple = wave * math.sin(7 * x + seed) * math.cos(5 * y + 2 * seed)
        up = (y - low) * math.sin(steep)
        vertices.append((x, y * math.cos(steep) + ripple, 0.04 + up + 0.3 * ripple + wave * 0.3))
    mesh = bpy.data.meshes.new("falling")
    mesh.from_pydata(vertices, [], faces)
    sheet = bpy.data.objects.new("falling", mesh)
    plane = bpy.data.meshes.new("ground")
    plane.from_pydata([(-3, -3, 0), (3, -3, 0), (3, 3, 0), (-3, 3, 0)], [], [(0, 1, 2, 3)])
    ground = bpy.data.objects.new("ground", plane)
    for thing in (sheet, ground):
        home.collection.objects.link(thing)
    ground.modifiers.new("Collision", "COLLISION")
    ground.collision.cloth_friction = 20
    ground.collision.thickness_outer = 0.004
    cloth = sheet.modifiers.new("Cloth", "CLOTH")
    cloth.settings.quality = 5
    cloth.settings.mass = 0.2
    cloth.settings.tension_stiffness = cloth.settings.compression_stiffness = 12
    cloth.settings.shear_stiffness = 4
    cloth.settings.bending_stiffness = 0.25
    cloth.settings.air_damping = 2
    cloth.collision_settings.use_self_collision = True
    cloth.collision_settings.self_distance_min = 0.006
    cloth.collision_settings.distance_min = 0.006
    cloth.point_cache.frame_end = 45
    for frame in range(1, 46):
        home.frame_set(frame)
    result = sheet.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
    moved = [tuple(v.co) for v in result.vertices]
    cx = sum(v[0] for v in moved) / len(moved)
    cy = sum(v[1] for v in moved) / len(moved)
    moved = [(x - cx, y - cy, max(z, 0.003)) for x, y, z in moved]
    for thing in (sheet, ground):
        bpy.data.objects.remove(thing)
    home.frame_set(1)
    _fallen[key] = (moved, faces)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(_fallen[key]))
    return _fallen[key]
