"""The three rooms, tidy: walls, window, furniture; and where things get left.

x runs along the back wall, y away from the camera's corner, z up. The camera
hangs in the corner near the origin.
"""

import math
from dataclasses import dataclass, field

from materials import fabric, glowing, picture, plain, sheer, tiled, wood
from shapes import Builder

HEIGHT = 2.6


@dataclass
class Room:
    size: tuple
    window: tuple                  # on the right-hand wall: y from, y to, z from, z to
    camera: tuple
    look_at: tuple
    view: float                    # horizontal angle in degrees
    lamps: list = field(default_factory=list)     # (x, y, z) of bulbs lit in the evening
    places: dict = field(default_factory=dict)    # name: x from, y from, x to, y to, cast down from z
    litter: list = field(default_factory=list)    # (thing, place) in the order they appear


def shell(room, paint, floor, ceiling="f2f0ec"):
    """Floor, four walls (the right one round a window), skirting, curtains."""
    w, d = room.size
    y0, y1, z0, z1 = room.window
    wall = plain(paint, 0.85, relief=0.06, scale=90.0, vary=0.02)
    white = plain("f1efea", 0.4, vary=0.02)
    b = Builder()
    b.box((w / 2, d / 2, -.05), (w + .4, d + .4, .1), floor, 0)
    b.box((w / 2, d / 2, HEIGHT + .05), (w + .4, d + .4, .1), plain(ceiling, 0.9, vary=.02), 0)
    b.box((w / 2, d + .1, HEIGHT / 2), (w + .4, .2, HEIGHT), wall, 0)
    b.box((w / 2, -.1, HEIGHT / 2), (w + .4, .2, HEIGHT), wall, 0)
    b.box((-.1, d / 2, HEIGHT / 2), (.2, d, HEIGHT), wall, 0)
    for ya, yb, za, zb in ((0, y0, 0, HEIGHT), (y1, d, 0, HEIGHT), (y0, y1, 0, z0), (y0, y1, z1, HEIGHT)):
        b.box((w + .1, (ya + yb) / 2, (za + zb) / 2), (.2, yb - ya, zb - za), wall, 0)
    b.box((w / 2, d - .008, .04), (w, .016, .08), white, .003)
    b.box((w - .008, d / 2, .04), (.016, d, .08), white, .003)
    middle = (y0 + y1) / 2
    for y in (y0 + .025, middle, y1 - .025):
        b.box((w + .1, y, (z0 + z1) / 2), (.06, .05, z1 - z0), white, .006)
    for z in (z0 + .025, z1 - .025):
        b.box((w + .1, middle, z), (.06, y1 - y0, .05), white, .006)
    b.box((w - .03, middle, z0 - .015), (.22, y1 - y0 + .1, .03), white, .008)
    b.box((w + .6, middle, (z0 + z1) / 2), (.02, 4, 4), glowing("sky", "dfe9f5"), 0)
    b.done("shell")


def curtains(room, colour, to_floor=True):
    w, _ = room.size
    y0, y1, z0, z1 = room.window
    low, high = (0.03 if to_floor else z0 - .1), z1 + .12
    b = Builder()
    cloth = fabric(colour, weave=180.0)
    for start, width in ((y0 - .32, .42), (y1 - .10, .42)):
        b.surface(90, 12, lambda u, v, s=start, k=width: (
            w - .09 + .035 * math.sin(u * 44) * (.6 + .4 * v), s + u * k * (1 + .05 * (1 - v)),
            low + v * (high - low)), cloth)
    net = sheer("ffffff")
    b.surface(120, 4, lambda u, v: (w - .04 + .012 * math.sin(u * 90), y0 + u * (y1 - y0),
                                    low + .02 + v * (high - low - .02)), net)
    b.cylinder((w - .09, y0 - .4, high + .01), .012, y1 - y0 + .8, plain("3a3532", .4, .8),
               turn=(-math.pi / 2, 0, 0))
    b.done("curtains")


def framed(b, x, y, z, width, height, seed, low, high, facing="y"):
    along = (width, .025, height) if facing == "y" else (.025, width, height)
    inner = (width - .12, .03, height - .12) if facing == "y" else (.03, width - .12, height - .12)
    b.box((x, y, z), along, plain("2e2a27", .4), .004)
    b.box((x, y - .003 if facing == "y" else y, z), inner, picture(seed, low, high), .001)


def plant(b, x, y, z, size, rng):
    b.lathe([(0, 0), (.10 * size, 0), (.14 * size, .24 * size), (.13 * size, .24 * size), (0, .2 * size)],
            plain("d8d3ca", .5), (x, y, z))
    leaf = plain("3f6b35", .45, vary=.3)
    for _ in range(26):
        around, reach, rise = rng.uniform(0, 6.28), rng.uniform(.18, .34) * size, rng.uniform(.35, .85) * size

        def blade(u, v, r=reach, h=rise):
            half = .055 * size * math.sin(math.pi * min(1, u * 1.02)) ** .8
            return (r * u, (v - .5) * 2 * half, .2 * size + h * math.sin(u * 2.1))
        b.surface(10, 2, blade, leaf, (x, y, z), (0, 0, around))


def book_row(b, rng, x0, x1, y, z, deep, tall):
    colours = ["6b4a3a", "2f4a5c", "b59b6a", "4a5c48", "c9c2b4", "7a3a34", "3a3a40", "8a7a9a"]
    x = x0
    while x < x1 - .05:
        thick, high = rng.uniform(.02, .045), tall * rng.uniform(.72, .98)
        b.box((x + thick / 2, y, z + high / 2), (thick - .002, deep, high),
              plain(rng.choice(colours), .5), .003)
        x += thick


def lamp(b, x, y, z, tall, shade=.16):
    b.cylinder((x, y, z), .12 if tall > 1 else .07, .02, plain("4a4038", .4, .6))
    b.cylinder((x, y, z), .012, tall, plain("4a4038", .4, .6))
    b.lathe([(shade, 0), (shade * .72, shade * 1.5)], glowing("shade", "f4e6cc"), (x, y, z + tall - .04))


def table(b, x, y, width, deep, height, top, leg, leg_size=.05):
    b.box((x, y, height - .018), (width, deep, .036), top, .008)
    for sx in (-1, 1):
        for sy in (-1, 1):
            b.box((x + sx * (width / 2 - .06), y + sy * (deep / 2 - .06), (height - .036) / 2),
                  (leg_size, leg_size, height - .036), leg, .006)


def living_room(rng):
    room = Room((4.8, 4.5), (1.3, 2.9, .75, 2.2), (.28, .28, 2.25), (3.0, 2.85, .35), 80,
                lamps=[(4.45, 3.75, 1.55), (2.4, 2.2, 2.45)])
    oak = wood("8a6238", "b98d5a")
    grey = fabric("8b8f92")
    shell(room, "e6e0d4", tiled("b48a5a", "a67c4e", "6b4a2c", 1.3, .16, .002))
    curtains(room, "b9ad98")
    b = Builder()
    # Sofa on the back wall
    b.box((2.35, 4.0, .2), (2.2, .85, .22), grey, .05)
    b.box((2.35, 4.33, .5), (2.2, .22, .62), grey, .07)
    for x in (1.2, 3.5):
        b.box((x, 4.0, .34), (.22, .9, .5), grey, .07)
    for x in (1.84, 2.86):
        b.pillow((x, 3.92, .37), (1.02, .78, .22), grey, rng=rng, power=8)
        b.pillow((x, 4.2, .62), (1.0, .2, .42), grey, rng=rng, power=6)
    b.pillow((1.5, 4.0, .62), (.42, .42, .15), fabric("3f6b6b"), (1.1, 0, .3), rng)
    b.pillow((3.2, 4.0, .62), (.42, .42, .15), fabric("c98b3c"), (1.1, 0, -.3), rng)
    # Rug and low table
    b.box((2.5, 2.5, .006), (2.3, 1.6, .012), fabric("c8bfae", weave=70.0), .005)
    table(b, 2.5, 2.55, 1.15, .6, .42, oak, oak)
    # Bench with a screen under the window, shelves in the corner
    b.box((4.55, 1.9, .3), (.42, 1.6, .36), plain("efece6", .35), .01)
    b.box((4.335, 1.9, .3), (.01, .012, .34), plain("8a8680", .5), 0)
    b.box((4.62, 1.9, .82), (.04, 1.15, .66), plain("101113", .15), .008)
    b.box((4.6, 1.9, .485), (.2, .5, .02), plain("101113", .3), .004)
    for z in (.05, .5, .95, 1.4, 1.8):
        b.box((.5, 4.32, z), (.8, .32, .025), oak, .004)
    for x in (.1, .9):
        b.box((x, 4.32, .92), (.025, .32, 1.8), oak, .004)
    for z in (.51, .96, 1.41):
        book_row(b, rng, .14, .74 if z < 1 else .5, 4.31, z + .005, .2, .3)
    b.lathe([(0, 0), (.06, .01), (.08, .1), (.03, .2), (.035, .24)], plain("b9c4c4", .3), (.66, 4.3, 1.42))
    lamp(b, 4.45, 3.75, 0, 1.6, .2)
    plant(b, 4.42, 4.2, 0, 1.1, rng)
    framed(b, 1.85, 4.49, 1.6, .7, .9, 1, "d9cfbd", "5a7a86")
    framed(b, 2.85, 4.49, 1.6, .7, .9, 2, "e4dccb", "b0714a")
    # Armchair by the left wall
    sand = fabric("a9875c")
    b.box((.5, 2.75, .25), (.75, .75, .3), sand, .06)
    b.box((.2, 2.75, .6), (.2, .75, .6), sand, .07)
    for y in (2.4, 3.1):
        b.box((.5, y, .42), (.72, .14, .4), sand, .05)
    b.pillow((.55, 2.75, .44), (.6, .58, .16), sand, rng=rng, power=6)
    b.done("furniture")
    room.places = {"floor": (1.0, 1.0, 4.1, 3.5, 2), "front": (1.2, .9, 3.6, 2.1, 2),
                   "table": (2.0, 2.3, 3.0, 2.8, 1), "sofa": (1.45, 3.7, 3.25, 3.98, 1),
                   "bench": (4.4, 1.15, 4.6, 2.65, .7), "armchair": (.5, 2.6, .65, 2.9, 1)}
    room.litter = [
        ("blanket", "front"), ("mug", "table"), ("toy blocks", "floor"), ("t-shirt", "sofa"),
        ("pizza box", "table"), ("cushion", "front"), ("papers", "floor"), ("backpack", "front"),
        ("socks", "floor"), ("books", "floor"), ("laundry", "armchair"), ("teddy bear", "front"),
        ("bottle", "table"), ("cardboard box", "floor"), ("trousers", "floor"), ("shoes", "front"),
        ("crisps", "front"), ("towel", "sofa"), ("magazines", "floor"), ("t-shirt", "front"),
    ]
    return room


def bedroom(rng):
    room = Room((4.5, 4.3), (1.2, 2.7, .85, 2.2), (.28, .28, 2.25), (2.8, 2.7, .35), 80,
                lamps=[(1.28, 3.98, .95), (3.62, 3.98, .95), (2.3, 2.0, 2.45)])
    ash = wood("b08d62", "d4b68a")
    linen = fabric("eeebe4", weave=200.0)
    shell(room, "dfe3e0", tiled("c2a27a", "b5946b", "8a6a48", 1.2, .18, .002))
    curtains(room, "9fb0b0")
    b = Builder()
    b.box((2.45, 4.24, .62), (1.75, .08, 1.05), ash, .02)
    b.box((2.45, 3.2, .2), (1.68, 2.05, .2), ash, .02)
    b.box((2.45, 3.2, .39), (1.6, 2.0, .22), linen, .06)
    blue = fabric("7f95a5", weave=200.0)
    b.box((2.45, 2.93, .44), (1.74, 1.52, .2), blue, .08, segments=5)
    b.box((2.45, 3.62, .55), (1.72, .26, .04), linen, .018, segments=5)
    for x in (2.02, 2.88):
        b.pillow((x, 3.98, .62), (.68, .46, .2), linen, (.5, 0, 0), rng)
    b.pillow((2.45, 3.78, .64), (.42, .42, .16), fabric("c9b79a"), (.9, 0, 0), rng)
    for x in (1.28, 3.62):
        b.box((x, 4.05, .25), (.45, .4, .5), ash, .01)
        b.box((x, 3.846, .36), (.4, .012, .18), plain("efece6", .4), .003)
        lamp(b, x, 4.05, .5, .4, .13)
    b.box((2.3, 1.9, .006), (2.0, 1.1, .012), fabric("d6d0c4", weave=70.0), .005)
    # Wardrobe far left, chest of drawers under the window
    b.box((.52, 4.0, 1.05), (.95, .58, 2.1), plain("efede8", .35), .01)
    b.box((.52, 3.706, 1.05), (.008, .01, 2.0), plain("9a968e", .5), 0)
    for x in (.46, .58):
        b.cylinder((x, 3.69, 1.0), .008, .16, plain("8a8680", .3, 1.0))
    b.box((4.25, 1.95, .4), (.46, 1.3, .8), ash, .01)
    for z in (.16, .41, .66):
        b.box((4.015, 1.95, z), (.016, 1.24, .22), plain("efece6", .4), .004)
        for y in (1.65, 2.25):
            b.ball((4.0, y, z), (.016, .016, .016), plain("6a5a48", .3, .7))
    plant(b, 4.25, 1.5, .8, .5, rng)
    b.box((4.3, 2.3, .815), (.2, .14, .03), plain("7a3a34", .5), .003)
    framed(b, 2.45, 4.28, 1.65, 1.1, .6, 3, "dfe2dc", "7d94a0")
    b.done("furniture")
    room.places = {"floor": (.9, 1.0, 3.8, 2.15, 2), "front": (1.0, .9, 3.0, 1.7, 2),
                   "bed": (1.9, 2.4, 3.0, 3.4, 1.2),
                   "left": (.55, 1.9, 1.4, 3.5, 2), "chest": (4.2, 1.75, 4.3, 2.2, 1.2)}
    room.litter = [
        ("t-shirt", "floor"), ("trousers", "bed"), ("books", "front"), ("towel", "left"),
        ("socks", "front"), ("shoes", "floor"), ("laundry", "bed"), ("backpack", "left"),
        ("papers", "floor"), ("blanket", "floor"), ("t-shirt", "bed"), ("mug", "chest"),
        ("shopping bag", "left"), ("trousers", "floor"), ("cushion", "floor"), ("magazines", "bed"),
        ("crisps", "front"), ("t-shirt", "left"), ("cardboard box", "front"), ("bottle", "floor"),
    ]
    return room


def kitchen(rng):
    room = Room((4.3, 4.0), (1.3, 2.7, 1.1, 2.15), (.28, .28, 2.25), (2.75, 2.65, .5), 80,
                lamps=[(2.1, 2.0, 1.75), (3.2, 2.9, 2.45)])
    front = plain("e9e7e0", 0.35, vary=.02)
    top = wood("8a6238", "b98d5a", rough=.35)
    steel = plain("b9bcc0", 0.28, 1.0)
    oak = wood("9a7446", "c49a66", "y")
    shell(room, "ece7dc", tiled("c9c3b8", "bfb8ac", "9a938a", .45, .45, .004, .3, grain=False, offset=0))
    b = Builder()
    # Counter along the back wall and under the window
    b.box((2.55, 3.72, .46), (3.5, .56, .8), front, .004)
    b.box((2.55, 3.71, .88), (3.5, .6, .04), top, .006)
    b.box((4.01, 2.2, .46), (.56, 2.6, .8), front, .004)
    b.box((4.0, 2.2, .88), (.6, 2.6, .04), top, .006)
    dark = plain("7c7870", .6)
    for i in range(1, 6):
        b.box((.8 + i * .58, 3.438, .47), (.006, .008, .76), dark, 0)
        b.box((.8 + i * .58 - .29, 3.43, .8), (.18, .02, .012), steel, .004)
    for i in range(1, 5):
        b.box((3.728, .9 + i * .55, .47), (.008, .006, .76), dark, 0)
        b.box((3.72, .9 + i * .55 - .27, .8), (.02, .18, .012), steel, .004)
    b.box((2.55, 3.99, 1.17), (3.5, .012, .54), tiled("dfe4e2", "d6dcda", "c4c6c2", .2, .1, .004, .12,
                                                     grain=False, upright=True), 0)
    for x, width in ((1.4, 1.2), (3.45, 1.5)):
        b.box((x, 3.83, 1.8), (width, .33, .7), front, .004)
        b.box((x, 3.66, 1.8), (.006, .008, .66), dark, 0)
    # Hood, hob, oven
    b.box((2.35, 3.76, 1.62), (.6, .45, .06), steel, .008)
    b.box((2.35, 3.85, 1.95), (.26, .26, .66), steel, .006)
    b.box((2.35, 3.7, .904), (.56, .5, .008), plain("151517", .08), .002)
    b.box((2.35, 3.43, .5), (.54, .02, .5), plain("1a1b1d", .15), .006)
    b.box((2.35, 3.41, .7), (.44, .025, .02), steel, .006)
    # Sink under the window
    b.box((4.0, 2.0, .903), (.42, .7, .008), steel, .003)
    b.box((4.0, 1.9, .906), (.34, .4, .006), plain("6f7276", .3, 1.0), .003)
    b.cylinder((4.17, 1.9, .9), .014, .26, steel)
    b.cylinder((4.17, 1.9, 1.15), .011, .17, steel, turn=(0, -math.pi / 2, 0))
    # Fridge, table, chairs, a plant and a fruit bowl
    b.box((.42, 3.66, .95), (.66, .66, 1.9), plain("d9dadb", .3, .3), .02)
    b.box((.42, 3.325, 1.2), (.65, .008, .012), dark, 0)
    b.cylinder((.68, 3.3, 1.3), .012, .4, steel)
    table(b, 2.1, 2.0, 1.3, .8, .75, oak, oak)
    for x, y, back in ((1.75, 2.62, 1), (2.45, 2.62, 1), (1.15, 1.95, 0)):
        b.box((x, y, .45), (.4, .4, .035), oak, .012)
        bx, by = (x, y + .19) if back else (x - .19, y)
        b.box((bx, by, .8), ((.38, .025, .2) if back else (.025, .38, .2)), oak, .01)
        for sx in (-.17, .17):
            for sy in (-.17, .17):
                tall = .9 if (sy > 0 if back else sx < 0) else .44
                b.box((x + sx, y + sy, tall / 2), (.035, .035, tall), oak, .006)
    b.lathe([(0, 0), (.05, 0), (.15, .07), (.145, .075), (.04, .015), (0, .015)],
            plain("efece4", .2), (2.1, 2.05, .75))
    for x, y, colour in ((.04, 0, "c23b2a"), (-.04, .03, "d99a2b"), (0, -.05, "7a9a3c")):
        b.ball((2.1 + x, 2.05 + y, .82), (.042, .042, .04), plain(colour, .35, vary=.2))
    plant(b, 4.08, 3.6, .9, .45, rng)
    b.lathe([(0, 0), (.05, 0), (.055, .16), (.05, .16), (0, .02)], plain("4f6f78", .3), (1.3, 3.8, .9))
    b.lathe([(0, 0), (.07, 0), (.07, .16), (.02, .2), (0, .2)], steel, (1.75, 3.75, .9))
    b.cylinder((2.1, 2.0, 1.95), .004, .65, plain("2a2a2a", .5))
    b.lathe([(.19, 0), (.16, .1), (.03, .2)], glowing("shade", "e8dcc4"), (2.1, 2.0, 1.75))
    b.done("furniture")
    room.places = {"floor": (.8, .9, 3.5, 3.2, .7), "front": (.9, .8, 3.4, 1.6, .7),
                   "table": (1.6, 1.72, 2.6, 2.3, 1.4), "counter": (1.0, 3.55, 3.6, 3.72, 1.4),
                   "side": (3.85, 1.2, 4.0, 3.2, 1.05), "hob": (2.2, 3.6, 2.5, 3.7, 1.4)}
    room.litter = [
        ("cardboard box", "front"), ("plates", "table"), ("shopping bag", "floor"), ("dish cloth", "counter"),
        ("carton", "table"), ("towel", "floor"), ("pan", "hob"), ("bottle", "counter"),
        ("papers", "table"), ("plates", "side"), ("t-shirt", "front"), ("toy blocks", "front"),
        ("cans", "counter"), ("carton", "side"), ("pizza box", "counter"), ("backpack", "floor"),
        ("crisps", "front"), ("shoes", "floor"), ("mug", "table"), ("paper balls", "floor"),
    ]
    return room


ROOMS = {"kitchen": kitchen, "living_room": living_room, "bedroom": bedroom}
