"""What changes in a room without being mess: curtains, a chair, a person, a cat;
and what is mess without being a thing on the floor: an unmade bed."""

import math

from materials import fabric, plain, wood
from shapes import Builder


def closed_curtains(room, colour="b9ad98"):
    w, _ = room.size
    y0, y1, z0, z1 = room.window
    b = Builder()
    cloth = fabric(colour, weave=180.0)
    low = .03 if z0 < 1 else z0 - .1
    b.surface(160, 12, lambda u, v: (w - .1 + .03 * math.sin(u * 80) * (.6 + .4 * v),
                                     y0 - .2 + u * (y1 - y0 + .4), low + v * (z1 + .12 - low)), cloth)
    return b.done("curtains closed")


def chair(at, spin):
    oak = wood("6b4a30", "8f6a48")
    b = Builder()
    b.box((0, 0, .45), (.4, .4, .035), oak, .012)
    b.box((0, .19, .78), (.38, .025, .3), oak, .01)
    for sx in (-.17, .17):
        for sy in (-.17, .17):
            tall = .9 if sy > 0 else .44
            b.box((sx, sy, tall / 2), (.035, .035, tall), oak, .006)
    return b.done("chair", at, spin)


def person(at, spin):
    b = Builder()
    trousers, jumper, skin = fabric("3a3f4a"), fabric("7a4a3a"), plain("d0a080", .6)
    for s, step in ((-1, .12), (1, -.12)):
        b.lathe([(.06, 0), (.07, .3), (.095, .8), (0, .85)], trousers, (s * .1, step, 0))
        b.box((s * .1, step - .05, .03), (.09, .27, .07), plain("22242a", .5), .03)
        b.lathe([(.035, 0), (.05, .3), (.06, .55), (0, .6)], jumper, (s * .25, step * -.8, .82), (step * -1.5, 0, 0))
    b.lathe([(.12, 0), (.17, .1), (.16, .3), (.2, .5), (.1, .62), (0, .63)], jumper, (0, 0, .8))
    b.ball((0, 0, 1.58), (.095, .11, .13), skin)
    b.ball((0, .02, 1.62), (.105, .12, .12), plain("3a2a1e", .8))
    return b.done("person", at, spin)


def cat(at, spin):
    fur = fabric("6a5a48", weave=90.0)
    b = Builder()
    b.ball((0, 0, .17), (.09, .2, .1), fur)
    b.ball((0, -.24, .26), (.07, .07, .065), fur)
    for s in (-1, 1):
        b.ball((s * .04, -.25, .33), (.02, .012, .03), fur)
        for y in (-.13, .13):
            b.cylinder((s * .05, y, 0), .025, .16, fur, sides=12)
    b.surface(20, 8, lambda u, v: (.06 * math.sin(3 * u) + .02 * math.cos(6.28 * v), .2 + .22 * u,
                                   .2 + .18 * u * u + .02 * math.sin(6.28 * v)), fur)
    return b.done("cat", at, spin)


def unmade_bed():
    """The bedroom's cover thrown back in a heap."""
    cover = fabric("9fb3c2", weave=200.0)
    b = Builder()

    def heap(u, v):
        fold = .05 * math.sin(11 * u + 3 * v) + .035 * math.sin(17 * v - 4 * u) + .03 * math.sin(23 * u * v)
        return (1.7 + 1.35 * u + .12 * math.sin(5 * v), 2.35 + 1.15 * v + .1 * math.sin(6 * u),
                .57 + .16 * math.sin(math.pi * u) ** .7 * math.sin(math.pi * v) ** .7 + fold * math.sin(math.pi * v))
    b.surface(70, 60, heap, cover)
    return b.done("unmade bed")


def people_places(room):
    """Where the chair stands, where it is moved to, where person and cat pass."""
    w, d = room.size
    return {"chair": ((w * .34, d * .62, 0), .4), "chair moved": ((w * .52, d * .74, 0), 2.2),
            "person": ((w * .55, d * .5, 0), 1.0), "cat": ((w * .45, d * .36, 0), 2.0)}
