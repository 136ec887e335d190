"""Three more rooms, tidy: a children's room, a bathroom and a hallway.

They share no furniture with those of `rooms.py`, and most of what lies about in
them lies nowhere else: what is tuned on the first three is judged on these.
"""

from materials import fabric, plain, tiled, wood
from rooms import Room, book_row, curtains, framed, lamp, plant, shell, table
from shapes import Builder

QUARTER = 1.5707963   # of a turn


def childrens_room(rng):
    room = Room((4.2, 4.2), (1.4, 2.8, .9, 2.15), (.3, .3, 2.25), (2.6, 2.6, .35), 80,
                lamps=[(2.1, 2.1, 2.35), (.9, 3.95, 1.25)])
    pine = wood("c8a06a", "e0bd88")
    white = plain("f0eee8", .4, vary=.02)
    shell(room, "cfdde0", tiled("d0b690", "c6aa82", "9a7c58", 1.1, .14, .002))
    curtains(room, "d9b45a", to_floor=False)
    b = Builder()
    # Bed along the back wall
    b.box((2.3, 3.72, .18), (2.0, .92, .24), pine, .015)
    b.box((1.3, 3.72, .45), (.05, .94, .8), pine, .012)
    b.box((2.3, 3.72, .36), (1.9, .86, .16), fabric("f1eee6", weave=200.0), .05)
    b.box((2.52, 3.7, .42), (1.5, .92, .14), fabric("5f8fa8", "e9e4d4", 5.0), .06, segments=5)
    b.pillow((1.62, 3.74, .5), (.5, .6, .16), fabric("f1eee6", weave=200.0), (.0, .15, 0), rng)
    # Desk and stool under the window, bookcase in the far right corner
    table(b, 3.85, 2.1, .6, 1.3, .66, pine, white)
    b.cylinder((3.35, 1.75, 0), .16, .4, plain("c9574a", .45))
    lamp(b, 3.95, 2.55, .66, .36, .09)
    for z in (.04, .42, .8, 1.18):
        b.box((3.85, 3.85, z), (.62, .34, .024), white, .004)
    for x in (3.55, 4.15):
        b.box((x, 3.85, .62), (.024, .34, 1.2), white, .004)
    for z in (.44, .82):
        book_row(b, rng, 3.58, 4.05, 3.84, z, .2, .26)
    b.box((3.8, 3.82, .2), (.5, .3, .28), fabric("d9a44a", weave=60.0), .03)
    # Toy chest on the left wall, round rug, pictures
    b.box((.4, 2.7, .24), (.5, .95, .48), plain("7fa58a", .5, vary=.04), .012)
    b.box((.4, 2.7, .495), (.54, 1.0, .03), pine, .008)
    b.cylinder((2.0, 2.1, 0), .85, .014, fabric("b9c9a6", weave=70.0), sides=64)
    b.cylinder((2.0, 2.1, .002), .5, .014, fabric("e3d9b8", weave=70.0), sides=64)
    framed(b, 1.9, 4.18, 1.5, .6, .45, 4, "e9d9a6", "c9785a")
    framed(b, 2.8, 4.18, 1.55, .45, .6, 5, "cfe0d0", "5a86a0")
    b.done("furniture")
    room.places = {"floor": (.9, 1.0, 3.2, 3.1, 2), "front": (1.0, .8, 3.0, 1.7, 2),
                   "bed": (1.9, 3.5, 3.0, 3.85, 1.2), "desk": (3.7, 1.65, 3.95, 2.35, 1.1),
                   "chest": (.3, 2.4, .5, 3.0, 1.2)}
    room.litter = [
        ("ball", "floor"), ("crayons", "desk"), ("toy train", "front"), ("doll", "bed"),
        ("picture books", "floor"), ("t-shirt", "front"), ("puzzle", "floor"), ("toy car", "front"),
        ("socks", "floor"), ("backpack", "front"), ("toy blocks", "floor"), ("trousers", "bed"),
        ("helmet", "floor"), ("papers", "desk"), ("teddy bear", "chest"), ("picture books", "front"),
        ("toy car", "floor"), ("blanket", "floor"), ("ball", "front"), ("crayons", "floor"),
    ]
    return room


def bathroom(rng):
    room = Room((3.2, 3.4), (1.5, 2.4, 1.25, 2.1), (.25, .25, 2.3), (2.0, 2.2, .45), 84,
                lamps=[(1.6, 1.7, 2.45), (2.9, 1.95, 1.95)])
    china = plain("f4f3ef", .12, vary=.01)
    chrome = plain("c4c7ca", .2, 1.0)
    oak = wood("7a5a3a", "a57f54")
    shell(room, "e3e8e6", tiled("8f979b", "868f94", "6c7377", .33, .33, .004, .3, grain=False, offset=0))
    b = Builder()
    wall = tiled("e9edec", "e2e7e6", "c9cfce", .3, .2, .004, .12, grain=False, upright=True)
    b.box((1.6, 3.393, .9), (3.2, .012, 1.8), wall, 0)
    # Tub along the back wall
    b.box((2.2, 2.98, .28), (1.7, .72, .56), china, .03)
    b.box((2.2, 2.98, .54), (1.5, .52, .06), plain("dfe3e4", .1), .025)
    b.cylinder((3.02, 2.98, .56), .016, .14, chrome)
    # Basin on a cabinet on the right, mirror above it
    b.box((2.93, 1.95, .4), (.5, .95, .8), oak, .01)
    b.box((2.9, 1.95, .83), (.54, 1.0, .06), china, .02)
    b.lathe([(.16, .0), (.2, .05), (.19, .05), (.0, .01)], china, (2.88, 2.15, .86))
    b.cylinder((3.1, 2.15, .86), .014, .16, chrome)
    b.box((3.18, 1.95, 1.0), (.02, .02, .02), chrome, 0)
    # Toilet on the left wall, washing machine in the far left corner
    b.box((.13, 2.0, .6), (.22, .42, .7), china, .03)
    b.lathe([(.12, 0), (.15, .2), (.2, .38), (.2, .42), (0, .42)], china, (.42, 2.0, 0))
    b.box((.4, 2.98, .42), (.6, .6, .84), plain("eceded", .3), .02)
    b.cylinder((.4, 2.67, .44), .17, .02, plain("2a2e33", .12), turn=(QUARTER, 0, 0))
    b.lathe([(0, 0), (.12, 0), (.15, .5), (.14, .5)], fabric("b79b6e", weave=40.0), (.95, 3.12, 0))
    # Mat, rail with folded towels, plant
    b.box((2.0, 2.25, .008), (.9, .55, .016), fabric("5f7f86", weave=60.0), .006)
    b.cylinder((.02, 1.1, 1.3), .01, .6, chrome, turn=(-QUARTER, 0, 0))
    b.box((.05, 1.4, 1.1), (.035, .42, .42), fabric("d9d4c7", weave=120.0), .01)
    plant(b, 3.0, 3.2, .56, .3, rng)
    framed(b, 1.2, 3.38, 1.75, .5, .4, 6, "dfe6e2", "7d9aa8")
    b.done("furniture")
    room.places = {"floor": (.8, 1.0, 2.5, 2.5, 2), "front": (.8, .7, 2.5, 1.6, 2),
                   "basin": (2.75, 1.6, 2.95, 1.9, 1.2), "machine": (.25, 2.85, .55, 3.1, 1.2),
                   "rim": (1.3, 2.68, 2.6, 2.72, .8)}
    room.litter = [
        ("hand towel", "floor"), ("flasks", "basin"), ("toilet rolls", "front"), ("laundry", "machine"),
        ("hair dryer", "front"), ("socks", "floor"), ("washbag", "floor"), ("bath mat", "front"),
        ("t-shirt", "floor"), ("flasks", "floor"), ("hand towel", "front"), ("trousers", "floor"),
        ("bottle", "front"), ("magazines", "floor"), ("toilet rolls", "floor"), ("towel", "front"),
        ("cardboard box", "front"), ("shoes", "floor"), ("paper balls", "front"), ("hair dryer", "floor"),
    ]
    return room


def hallway(rng):
    room = Room((3.0, 5.0), (2.2, 3.2, .9, 2.15), (.35, .3, 2.3), (1.9, 3.2, .35), 74,
                lamps=[(1.5, 2.4, 2.45), (.4, 3.9, 1.3)])
    walnut = wood("5a4030", "7d5c44")
    white = plain("f1efea", .4, vary=.02)
    shell(room, "e9e2d2", tiled("9a8a78", "92826f", "756755", .6, .3, .004, .35, grain=False))
    b = Builder()
    # Front door in the back wall, coat hooks beside it
    b.box((2.2, 4.98, 1.02), (.95, .06, 2.04), plain("4f6457", .45, vary=.03), .008)
    b.box((2.2, 4.945, 1.3), (.5, .02, .7), plain("5a7063", .45, vary=.03), .006)
    b.cylinder((1.82, 4.93, 1.0), .02, .08, plain("c9a24b", .25, 1.0), turn=(QUARTER, 0, 0))
    b.box((.8, 4.97, 1.65), (1.1, .04, .12), walnut, .006)
    for x in (.4, .8, 1.2):
        b.cylinder((x, 4.95, 1.62), .012, .08, plain("2a2a2a", .4, .7), turn=(QUARTER, 0, 0))
    for x, colour in ((.45, "3f4f63"), (.95, "8a5a3c")):
        b.pillow((x, 4.86, 1.15), (.42, .16, .95), fabric(colour), rng=rng, power=6)
    # Shoe cabinet and lamp on the left, bench on the right, mirror
    b.box((.2, 3.6, .5), (.36, 1.3, 1.0), white, .01)
    for z in (.28, .72):
        b.box((.385, 3.6, z), (.012, 1.2, .4), plain("e6e3dc", .45), .004)
    lamp(b, .25, 3.95, 1.0, .38, .1)
    b.lathe([(0, 0), (.07, .01), (.11, .05), (.105, .05), (0, .02)], plain("7a8f95", .3), (.25, 3.35, 1.0))
    table(b, 2.7, 2.6, .4, 1.2, .45, walnut, walnut)
    b.box((2.7, 2.6, .475), (.38, 1.15, .05), fabric("a8926e"), .02)
    b.box((.02, 2.2, 1.4), (.03, .6, 1.1), plain("22262a", .05, .9), .006)
    # Runner
    b.box((1.5, 2.6, .006), (.9, 3.2, .012), fabric("7a4a42", "c7b48c", 3.0, weave=70.0), .005)
    plant(b, 2.7, 3.6, 0, 1.0, rng)
    framed(b, 1.0, 4.98, 2.15, .6, .35, 7, "e0d6c2", "8a9a6a")
    b.done("furniture")
    room.places = {"floor": (.7, 1.4, 2.3, 4.2, 2), "front": (.6, 1.0, 2.4, 2.6, 2),
                   "cabinet": (.15, 3.1, .3, 3.7, 1.5), "bench": (2.6, 2.2, 2.75, 3.0, 1.0)}
    room.litter = [
        ("boots", "floor"), ("letters", "cabinet"), ("umbrella", "floor"), ("backpack", "front"),
        ("hat and gloves", "bench"), ("parcel", "floor"), ("shoes", "front"), ("shopping bag", "floor"),
        ("helmet", "floor"), ("t-shirt", "bench"), ("boots", "front"), ("ball", "floor"),
        ("parcel", "front"), ("shoes", "floor"), ("socks", "front"), ("letters", "front"),
        ("cans", "floor"), ("hat and gloves", "floor"), ("toy car", "front"), ("papers", "floor"),
    ]
    return room


ROOMS = {"childrens_room": childrens_room, "bathroom": bathroom, "hallway": hallway}
