"""Day, evening and night in a room."""

import math
from typing import NamedTuple

import bpy
from mathutils import Vector

from materials import glow
from rooms import HEIGHT


class Light(NamedTuple):
    sky: float         # glow behind the window
    window: float      # watts it lets in
    sun: float
    fill: float        # what the rest of the house and the unseen walls throw back
    bulb: float        # watts per lamp
    shade: float       # glow of lamp shades
    exposure: float    # in stops
    turn: float = 0.0  # of the sun, in degrees
    bulbs: int = 9     # how many of the room's lamps are lit
    infrared: float = 0.0  # watts of the camera's own lamp


LIGHTS = {
    "day": Light(sky=3.2, window=150.0, sun=2.6, fill=20.0, bulb=0.0, shade=0.02, exposure=0.15),
    "day-b": Light(sky=3.0, window=140.0, sun=2.3, fill=19.5, bulb=0.0, shade=0.02, exposure=0.18, turn=2.5),
    "evening": Light(sky=0.03, window=1.5, sun=0.0, fill=5.0, bulb=38.0, shade=4.0, exposure=0.75),
    "morning": Light(sky=2.4, window=105.0, sun=3.0, fill=14.0, bulb=0.0, shade=0.02, exposure=0.3, turn=-24.0),
    "afternoon": Light(sky=2.8, window=125.0, sun=3.4, fill=17.0, bulb=0.0, shade=0.02, exposure=0.1, turn=24.0),
    "overcast": Light(sky=2.0, window=110.0, sun=0.0, fill=19.0, bulb=0.0, shade=0.02, exposure=0.35),
    "dusk": Light(sky=.5, window=26.0, sun=0.0, fill=6.0, bulb=10.0, shade=1.2, exposure=.8),
    "one lamp": Light(sky=.02, window=1.0, sun=0.0, fill=3.5, bulb=42.0, shade=3.0, exposure=.95, bulbs=1),
    "infrared": Light(sky=.0, window=.3, sun=0.0, fill=.6, bulb=0.0, shade=0.0, exposure=.9, infrared=46.0),
    "night": Light(sky=0.01, window=0.6, sun=0.0, fill=0.05, bulb=0.0, shade=0.0, exposure=0.0),
}
DAY, WARM = (0.92, 0.96, 1.0), (1.0, 0.74, 0.48)


def _area(name, at, towards, size, watts, colour):
    data = bpy.data.lights.new(name, "AREA")
    data.shape, data.size, data.size_y = "RECTANGLE", *size
    data.energy, data.color = watts, colour
    lamp = bpy.data.objects.new(name, data)
    lamp.location = at
    lamp.rotation_euler = Vector(towards).to_track_quat("-Z", "Y").to_euler()
    lamp.visible_camera = lamp.visible_glossy = False
    bpy.context.scene.collection.objects.link(lamp)
    return lamp


def set_light(room, name):
    """Replace whatever light there was."""
    for old in [o for o in bpy.data.objects if o.type == "LIGHT"]:
        bpy.data.objects.remove(old)
    lit = LIGHTS[name]
    scene = bpy.context.scene
    w, d = room.size
    y0, y1, z0, z1 = room.window
    middle = ((y0 + y1) / 2, (z0 + z1) / 2)
    # Just inside the panes: sampling it directly costs far less noise than
    # waiting for rays to find the window.
    _area("window", (w - .12, *middle), (-1, 0, -.25), (z1 - z0, y1 - y0), lit.window, DAY)
    fill_colour = DAY if lit.sky > 1 else WARM
    _area("fill", (w * .4, d * .35, HEIGHT - .05), (0.1, .1, -1), (2.2, 2.2), lit.fill, fill_colour)
    if lit.sun:
        data = bpy.data.lights.new("sun", "SUN")
        data.energy, data.angle, data.color = lit.sun, math.radians(2), (1.0, .93, .82)
        sun = bpy.data.objects.new("sun", data)
        turn = math.radians(lit.turn)
        shines = Vector((-math.cos(turn), .35 + math.sin(turn), -.85))
        sun.rotation_euler = shines.to_track_quat("-Z", "Y").to_euler()
        scene.collection.objects.link(sun)
    for i, at in enumerate(room.lamps[:lit.bulbs] if lit.bulb else ()):
        data = bpy.data.lights.new(f"bulb-{i}", "POINT")
        data.energy, data.color, data.shadow_soft_size = lit.bulb, WARM, .09
        bulb = bpy.data.objects.new(f"bulb-{i}", data)
        bulb.location = at
        scene.collection.objects.link(bulb)
    if lit.infrared:
        aim = Vector(room.look_at) - Vector(room.camera)
        _area("illuminator", Vector(room.camera) + Vector((.0, .0, .06)), aim, (.08, .08), lit.infrared, (1, 1, 1))
    glow("sky", lit.sky)
    glow("shade", lit.shade, WARM)
    scene.view_settings.exposure = lit.exposure
