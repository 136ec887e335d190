"""Meshes: a builder that collects simple solids into one object."""

import math
from itertools import pairwise

import bmesh
import bpy
from mathutils import Euler, Matrix, Vector


class Builder:
    """Collects parts in metres; `done` makes one Blender object of them."""

    def __init__(self):
        self.bm = bmesh.new()
        self.materials = []

    def _take(self, part, material, matrix):
        """Move a part's geometry in, remembering which material it wears."""
        if material not in self.materials:
            self.materials.append(material)
        index = self.materials.index(material)
        part.transform(matrix)
        for face in part.faces:
            face.material_index = index
            face.smooth = True
        mesh = bpy.data.meshes.new("part")
        part.to_mesh(mesh)
        part.free()
        self.bm.from_mesh(mesh)
        bpy.data.meshes.remove(mesh)

    @staticmethod
    def _matrix(at, turn):
        return Matrix.Translation(Vector(at)) @ Euler(turn).to_matrix().to_4x4()

    def box(self, at, size, material, bevel=0.008, turn=(0, 0, 0), segments=3):
        """A box by its centre. Real edges are never sharp: they catch light."""
        part = bmesh.new()
        bmesh.ops.create_cube(part, size=1)
        part.transform(Matrix.Diagonal((*size, 1)))
        bevel = min(bevel, min(size) * 0.45)
        if bevel > 0:
            bmesh.ops.bevel(part, geom=part.edges[:], offset=bevel, segments=segments,
                            affect="EDGES", profile=0.5)
        self._take(part, material, self._matrix(at, turn))

    def cylinder(self, at, radius, height, material, turn=(0, 0, 0), sides=32):
        """A cylinder standing on `at`."""
        part = bmesh.new()
        bmesh.ops.create_cone(part, cap_ends=True, segments=sides, radius1=radius,
                              radius2=radius, depth=height)
        part.transform(Matrix.Translation((0, 0, height / 2)))
        self._take(part, material, self._matrix(at, turn))

    def ball(self, at, size, material, turn=(0, 0, 0)):
        part = bmesh.new()
        bmesh.ops.create_uvsphere(part, u_segments=24, v_segments=16, radius=1)
        part.transform(Matrix.Diagonal((*size, 1)))
        self._take(part, material, self._matrix(at, turn))

    def lathe(self, profile, material, at=(0, 0, 0), turn=(0, 0, 0), sides=32):
        """A profile of (radius, height) points spun about the upright axis."""
        part = bmesh.new()
        rings = [[part.verts.new((r * math.cos(2 * math.pi * i / sides),
                                  r * math.sin(2 * math.pi * i / sides), z))
                  for i in range(sides)] for r, z in profile]
        for low, high in pairwise(rings):
            for i in range(sides):
                j = (i + 1) % sides
                part.faces.new((low[i], low[j], high[j], high[i]))
        self._take(part, material, self._matrix(at, turn))

    def pillow(self, at, size, material, turn=(0, 0, 0), rng=None, steps=24, power=4):
        """A stuffed pad: full in the middle, thin at the rim, corners drawn out."""
        part = bmesh.new()
        phase = [rng.uniform(0, 6) for _ in range(4)] if rng else [0, 1, 2, 3]
        sheets = []
        for side in (1, -1):
            sheet = []
            for i in range(steps + 1):
                row = []
                for j in range(steps + 1):
                    u, v = 2 * i / steps - 1, 2 * j / steps - 1
                    full = ((1 - abs(u) ** power) * (1 - abs(v) ** power)) ** 0.5
                    dent = 0.05 * math.sin(3 * u + phase[0]) * math.sin(4 * v + phase[1])
                    inset = 1 - 0.06 * (1 - max(abs(u), abs(v)) ** 2 * min(abs(u), abs(v)))
                    row.append(part.verts.new((u * size[0] / 2 * inset, v * size[1] / 2 * inset,
                                               side * size[2] / 2 * full * (1 + dent))))
                sheet.append(row)
            sheets.append(sheet)
        for sheet, flip in zip(sheets, (False, True)):
            for i in range(steps):
                for j in range(steps):
                    corners = [sheet[i][j], sheet[i + 1][j], sheet[i + 1][j + 1], sheet[i][j + 1]]
                    part.faces.new(corners[::-1] if flip else corners)
        bmesh.ops.remove_doubles(part, verts=part.verts[:], dist=1e-5)
        self._take(part, material, self._matrix(at, turn))

    def surface(self, steps_u, steps_v, point, material, at=(0, 0, 0), turn=(0, 0, 0)):
        """A sheet given by point(u, v) for u and v from 0 to 1."""
        part = bmesh.new()
        rows = [[part.verts.new(point(i / steps_u, j / steps_v)) for j in range(steps_v + 1)]
                for i in range(steps_u + 1)]
        for i in range(steps_u):
            for j in range(steps_v):
                part.faces.new((rows[i][j], rows[i + 1][j], rows[i + 1][j + 1], rows[i][j + 1]))
        self._take(part, material, self._matrix(at, turn))

    def raw(self, vertices, faces, material, at=(0, 0, 0), turn=(0, 0, 0)):
        part = bmesh.new()
        made = [part.verts.new(v) for v in vertices]
        for face in faces:
            part.faces.new([made[i] for i in face])
        self._take(part, material, self._matrix(at, turn))

    def done(self, name, at=(0, 0, 0), spin=0.0):
        mesh = bpy.data.meshes.new(name)
        self.bm.to_mesh(mesh)
        self.bm.free()
        for material in self.materials:
            mesh.materials.append(material)
        mesh.set_sharp_from_angle(angle=math.radians(42))
        made = bpy.data.objects.new(name, mesh)
        made.location = at
        made.rotation_euler = (0, 0, spin)
        bpy.context.scene.collection.objects.link(made)
        return made
