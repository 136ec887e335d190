"""Day, evening and night in a room."""

import math

import bpy
from mathutils import Vector

from materials import glow
from rooms import HEIGHT

# sky: glow behind the window; window: watts let in; sun: strength; fill: what
# the rest of the house and the walls behind the camera throw back;
# bulb: watts per lamp; shade: glow of lamp shades; exposure in stops.
LIGHTS = {
    "day": dict(sky=3.2, window=150.0, sun=2.6, fill=20.0, bulb=0.0, shade=0.02, exposure=0.15, turn=0.0),
    "day-b": dict(sky=3.0, window=140.0, sun=2.3, fill=19.5, bulb=0.0, shade=0.02, exposure=0.18, turn=2.5),
    "evening": dict(sky=0.03, window=1.5, sun=0.0, fill=5.0, bulb=38.0, shade=4.0, exposure=0.75, turn=0.0),
    "night": dict(sky=0.01, window=0.6, sun=0.0, fill=0.05, bulb=0.0, shade=0.0, exposure=0.0, turn=0.0),
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
    is_lit = LIGHTS[name]
    scene = bpy.context.scene
    w, d = room.size
    y0, y1, z0, z1 = room.window
    middle = ((y0 + y1) / 2, (z0 + z1) / 2)
    # Just inside the panes: sampling it directly costs far less noise than
    # waiting for rays to find the window.
    _area("window", (w - .12, *middle), (-1, 0, -.25), (z1 - z0, y1 - y0), is_lit["window"], DAY)
    fill_colour = DAY if is_lit["sun"] else WARM
    _area("fill", (w * .4, d * .35, HEIGHT - .05), (0.1, .1, -1), (2.2, 2.2), is_lit["fill"], fill_colour)
    if is_lit["sun"]:
        data = bpy.data.lights.new("sun", "SUN")
        data.energy, data.angle, data.color = is_lit["sun"], math.radians(2), (1.0, .93, .82)
        sun = bpy.data.objects.new("sun", data)
        turn = math.radians(is_lit["turn"])
        sun.rotation_euler = Vector((-math.cos(turn), .35 + math.sin(turn), -.85)).to_track_quat("-Z", "Y").to_euler()
        scene.collection.objects.link(sun)
    for i, at in enumerate(room.lamps if is_lit["bulb"] else ()):
        data = bpy.data.lights.new(f"bulb-{i}", "POINT")
        data.energy, data.color, data.shadow_soft_size = is_lit["bulb"], WARM, .09
        bulb = bpy.data.objects.new(f"bulb-{i}", data)
        bulb.location = at
        scene.collection.objects.link(bulb)
    glow("sky", is_lit["sky"])
    glow("shade", is_lit["shade"], WARM)
    scene.view_settings.exposure = is_lit["exposure"]
