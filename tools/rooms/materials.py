"""Procedural materials. Nothing in a real room has one flat colour, so each
carries some variation in colour, roughness and relief."""

import bpy

_made = {}


def _linear(hex_colour):
    """sRGB as people write it to the linear light the renderer works in."""
    out = []
    for i in (0, 2, 4):
        c = int(hex_colour[i:i + 2], 16) / 255
        out.append(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
    return (*out, 1.0)


def _new(name):
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    return material, tree, tree.nodes["Principled BSDF"]


def _noise(tree, scale, detail=4.0, stretch=None):
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = scale
    noise.inputs["Detail"].default_value = detail
    source = coordinates.outputs["Object"]
    if stretch:
        mapping = tree.nodes.new("ShaderNodeMapping")
        mapping.inputs["Scale"].default_value = stretch
        tree.links.new(source, mapping.inputs["Vector"])
        source = mapping.outputs["Vector"]
    tree.links.new(source, noise.inputs["Vector"])
    return noise.outputs["Fac"]


def _ramp(tree, factor, low, high, start=0.3, end=0.7):
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.elements[0].color, ramp.color_ramp.elements[0].position = low, start
    ramp.color_ramp.elements[1].color, ramp.color_ramp.elements[1].position = high, end
    tree.links.new(factor, ramp.inputs["Fac"])
    return ramp.outputs["Color"]


def _shade(colour, by):
    return (*(min(1.0, c * by) for c in colour[:3]), 1.0)


def _relief(tree, shader, height, strength, distance=0.01):
    bump = tree.nodes.new("ShaderNodeBump")
    bump.inputs["Strength"].default_value = strength
    bump.inputs["Distance"].default_value = distance
    tree.links.new(height, bump.inputs["Height"])
    tree.links.new(bump.outputs["Normal"], shader.inputs["Normal"])


def _once(make):
    """The same request gives the same material, so equal things share one."""
    def get(*args, **kwargs):
        key = (make.__name__, args, tuple(sorted(kwargs.items())))
        if key not in _made:
            _made[key] = make(*args, **kwargs)
        return _made[key]
    return get


@_once
def plain(colour, rough=0.5, metal=0.0, relief=0.0, scale=40.0, vary=0.06):
    """Paint, plastic, china, card, metal."""
    material, tree, shader = _new("plain-" + colour)
    base = _linear(colour)
    noise = _noise(tree, 3.0)
    tree.links.new(_ramp(tree, noise, _shade(base, 1 - vary), _shade(base, 1 + vary)),
                   shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = rough
    shader.inputs["Metallic"].default_value = metal
    if relief:
        _relief(tree, shader, _noise(tree, scale), relief)
    return material


@_once
def fabric(colour, second=None, stripe=0.0, weave=260.0):
    """Cloth: woven relief, soft sheen, optional stripes."""
    material, tree, shader = _new("fabric-" + colour)
    base = _linear(colour)
    if second:
        coordinates = tree.nodes.new("ShaderNodeTexCoord")
        wave = tree.nodes.new("ShaderNodeTexWave")
        wave.inputs["Scale"].default_value = stripe
        wave.inputs["Distortion"].default_value = 0.4
        tree.links.new(coordinates.outputs["Object"], wave.inputs["Vector"])
        colour_out = _ramp(tree, wave.outputs["Fac"], base, _linear(second), 0.48, 0.54)
    else:
        colour_out = _ramp(tree, _noise(tree, 14.0, 6), _shade(base, 0.82), _shade(base, 1.12))
    tree.links.new(colour_out, shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = 0.92
    shader.inputs["Sheen Weight"].default_value = 0.25
    _relief(tree, shader, _noise(tree, weave, 2), 0.35, 0.004)
    return material


@_once
def wood(dark, light, along="x", rough=0.42):
    """Furniture wood: grain is noise drawn out along the board."""
    material, tree, shader = _new("wood-" + light)
    stretch = {"x": (1.2, 14, 14), "y": (14, 1.2, 14), "z": (14, 14, 1.2)}[along]
    grain = _noise(tree, 2.2, 8, stretch)
    tree.links.new(_ramp(tree, grain, _linear(dark), _linear(light), 0.32, 0.66),
                   shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = rough
    _relief(tree, shader, grain, 0.08)
    return material


@_once
def tiled(first, second, joint, width, height, gap=0.004, rough=0.35, grain=True, upright=False,
          offset=0.5):
    """Floor boards or tiles: bricks of two shades with joints."""
    material, tree, shader = _new("tiled-" + first)
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    mapping = tree.nodes.new("ShaderNodeMapping")
    if upright:
        mapping.inputs["Rotation"].default_value = (1.5708, 0, 0)
    bricks = tree.nodes.new("ShaderNodeTexBrick")
    bricks.offset = offset
    for socket, value in (("Color1", _linear(first)), ("Color2", _linear(second)),
                          ("Mortar", _linear(joint)), ("Scale", 1.0), ("Mortar Size", gap),
                          ("Brick Width", width), ("Row Height", height)):
        bricks.inputs[socket].default_value = value
    tree.links.new(coordinates.outputs["Object"], mapping.inputs["Vector"])
    tree.links.new(mapping.outputs["Vector"], bricks.inputs["Vector"])
    colour = bricks.outputs["Color"]
    if grain:
        mix = tree.nodes.new("ShaderNodeMix")
        mix.data_type, mix.blend_type = "RGBA", "MULTIPLY"
        mix.inputs["Factor"].default_value = 1.0
        lines = _ramp(tree, _noise(tree, 2.5, 8, (1.2, 16, 1)), (0.72, 0.7, 0.68, 1), (1, 1, 1, 1))
        tree.links.new(colour, mix.inputs["A"])
        tree.links.new(lines, mix.inputs["B"])
        colour = mix.outputs["Result"]
    tree.links.new(colour, shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = rough
    return material


@_once
def picture(seed, low, high):
    """A print behind glass: large soft shapes."""
    material, tree, shader = _new(f"picture-{seed}")
    noise = _noise(tree, 2.2 + seed * 0.3, 1.5, (1.0, 1.0, 1.4))
    tree.links.new(_ramp(tree, noise, _linear(low), _linear(high), 0.42, 0.58),
                   shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = 0.25
    return material


@_once
def glass(colour="f4faf8", rough=0.03):
    material, _, shader = _new("glass-" + colour)
    shader.inputs["Base Color"].default_value = _linear(colour)
    shader.inputs["Roughness"].default_value = rough
    shader.inputs["Transmission Weight"].default_value = 0.9
    return material


@_once
def sheer(colour):
    """Net curtain: lets half the light through."""
    material, _, shader = _new("sheer-" + colour)
    shader.inputs["Base Color"].default_value = _linear(colour)
    shader.inputs["Roughness"].default_value = 0.9
    shader.inputs["Alpha"].default_value = 0.55
    return material


@_once
def glowing(name, colour):
    """A lamp shade or the sky behind a window; `light.py` sets how strongly."""
    material, _, shader = _new(name)
    shader.inputs["Base Color"].default_value = _linear(colour)
    shader.inputs["Emission Color"].default_value = _linear(colour)
    return material


def glow(name, strength, colour=None):
    for material in bpy.data.materials:
        if material.name == name:
            shader = material.node_tree.nodes["Principled BSDF"]
            shader.inputs["Emission Strength"].default_value = strength
            if colour:
                shader.inputs["Emission Color"].default_value = (*colour, 1.0)


def forget():
    _made.clear()
