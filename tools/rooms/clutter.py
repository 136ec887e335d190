"""More things people leave lying about: of children, bathrooms and hallways."""

import math

from materials import fabric, plain

BRIGHT = ["d8402f", "2f6fc0", "f0b429", "3c9a57", "e8e4da", "d77aa0"]
SOFT = ["cfe0e6", "e3b7a4", "6f8f8a", "d9c27a", "8a6f9a"]
PAPER = "f1efe8"


def ball(b, rng):
    reach = rng.uniform(.08, .11)
    first, second = rng.sample(BRIGHT, 2)
    b.ball((0, 0, reach), (reach, reach, reach), plain(first, .35))
    b.lathe([(reach * 1.004, reach * .9), (reach * 1.004, reach * 1.1)], plain(second, .35))


def toy_train(b, rng):
    for i in range(3):
        x = .17 * i - .17
        b.box((x, .01 * i, .055), (.14, .07, .05), plain(rng.choice(BRIGHT), .4), .008)
        for sx in (-.045, .045):
            for sy in (-.037, .037):
                b.cylinder((x + sx, .01 * i + sy, .02), .02, .01, plain("3a2f26", .5),
                           turn=(math.pi / 2, 0, 0), sides=16)
    b.cylinder((-.2, 0, .08), .022, .06, plain("2b2b2f", .4))
    b.box((-.13, 0, .11), (.05, .065, .07), plain(rng.choice(BRIGHT), .4), .006)


def crayons(b, rng):
    b.surface(1, 1, lambda u, v: ((u - .5) * .3, (v - .5) * .22, .002), plain(PAPER, .85),
              turn=(0, 0, rng.uniform(0, 3)))
    for _ in range(9):
        b.cylinder((rng.gauss(0, .12), rng.gauss(0, .1), .007), .006, rng.uniform(.07, .12),
                   plain(rng.choice(BRIGHT), .5), turn=(math.pi / 2, 0, rng.uniform(0, 6.28)), sides=8)


def puzzle(b, rng):
    box = plain(rng.choice(BRIGHT), .5, vary=.35)
    b.box((-.16, .05, .02), (.24, .18, .04), box, .003, (0, 0, rng.uniform(-.4, .4)))
    for _ in range(24):
        b.box((rng.gauss(.09, .08), rng.gauss(-.03, .08), .003), (.03, .028, .004),
              plain(rng.choice(BRIGHT), .6, vary=.3), .001, (0, 0, rng.uniform(0, 3)))


def picture_books(b, rng):
    for i in range(3):
        b.box((rng.uniform(-.12, .12), rng.uniform(-.1, .1), .006 + .012 * i), (.22, .26, .011),
              plain(rng.choice(BRIGHT), .3, vary=.4), .002, (0, 0, rng.uniform(0, 3)))


def doll(b, rng):
    skin, dress = plain("d9a982", .6), fabric(rng.choice(BRIGHT))
    b.lathe([(.03, .14), (.05, .1), (.08, 0), (0, 0)], dress, (0, 0, .05), (math.pi / 2, 0, 0))
    b.ball((0, -.19, .05), (.035, .04, .035), skin)
    b.ball((0, -.2, .06), (.038, .04, .036), plain("4a3222", .8))
    for s in (-1, 1):
        b.box((s * .06, -.1, .04), (.08, .02, .02), skin, .008, (0, 0, s * .5))
        b.box((s * .025, .06, .03), (.022, .13, .022), skin, .008)


def toy_car(b, rng):
    paint = plain(rng.choice(BRIGHT), .25)
    b.box((0, 0, .05), (.22, .1, .05), paint, .015)
    b.box((-.01, 0, .09), (.11, .09, .05), plain("22262c", .15), .015)
    for sx in (-.07, .07):
        for sy in (-.05, .05):
            b.cylinder((sx, sy, .027), .027, .016, plain("1b1b1d", .7), turn=(math.pi / 2, 0, 0), sides=18)


def hand_towel(b, rng):
    """Not folded: a wet heap."""
    cloth, phase = fabric(rng.choice(SOFT), weave=120.0), rng.uniform(0, 6)
    b.surface(36, 36, lambda u, v: ((u - .5) * .42, (v - .5) * .38, max(.004,
              (.09 * math.sin(math.pi * u) * math.sin(math.pi * v)
               + .045 * math.sin(9 * u + phase) * math.sin(7 * v + 2 * phase)))), cloth)


def toilet_rolls(b, rng):
    paper = plain("f3f1ea", .95, relief=.2)
    for i in range(3):
        turn = (math.pi / 2, 0, rng.uniform(0, 3)) if i == 2 else (0, 0, 0)
        at = (.14 * i - .14, rng.uniform(-.05, .05), .055 if i == 2 else 0)
        b.lathe([(.02, 0), (.055, 0), (.055, .1), (.02, .1), (.02, 0)], paper, at, turn)
    b.surface(14, 1, lambda u, v: (.2 + .4 * u, (v - .5) * .1, .004 + .012 * math.sin(9 * u) ** 2), paper)


def flasks(b, rng):
    """Shampoo and shower gel, one of them fallen over."""
    for i in range(4):
        tall, wide = rng.uniform(.14, .22), rng.uniform(.028, .038)
        lying = i == 3
        turn, at = ((math.pi / 2, 0, 1.0), (.1, .12, wide)) if lying else ((0, 0, 0), (.085 * i - .12, rng.uniform(-.03, .03), 0))
        b.lathe([(0, 0), (wide, 0), (wide, tall * .8), (wide * .4, tall * .88), (wide * .45, tall), (0, tall)],
                plain(rng.choice([*BRIGHT, "f2efe9", "7aa7b0"]), .25), at, turn)


def hair_dryer(b, rng):
    shell = plain(rng.choice(("2b2b2f", "d77aa0", "e8e4da")), .3)
    b.lathe([(0, 0), (.045, .01), (.045, .12), (.03, .2), (.026, .2), (0, .1)], shell, (0, 0, .05), (math.pi / 2, 0, .4))
    b.box((.01, .1, .03), (.035, .16, .03), shell, .012, (0, 0, .3))
    b.surface(40, 1, lambda u, v: (.05 + .3 * math.sin(5 * u) * u, .2 + .2 * u * math.cos(7 * u), .006 + .006 * v),
              plain("1b1b1d", .6))


def bath_mat_heap(b, rng):
    cloth, phase = fabric(rng.choice(SOFT), weave=60.0), rng.uniform(0, 6)
    b.surface(40, 24, lambda u, v: ((u - .5) * .6, (v - .5) * .42, .012 + .08 * max(0, math.sin(8 * u + phase))
                                    * math.sin(math.pi * v)), cloth)


def washbag(b, rng):
    b.pillow((0, 0, .07), (.24, .15, .14), fabric(rng.choice(("24425c", "7b2d26", "3d5a45"))), rng=rng, power=6)
    b.box((.0, -.14, .006), (.02, .17, .012), plain("2f6fc0", .4), .004, (0, 0, .7))
    b.lathe([(0, 0), (.016, 0), (.018, .12), (0, .13)], plain("f2efe9", .4), (.14, -.1, .018), (math.pi / 2, 0, .5))


def umbrella(b, rng):
    colour = rng.choice(("24425c", "7b2d26", "2b2b2f"))
    b.lathe([(.006, 0), (.05, .12), (.035, .5), (.012, .62), (.006, .66)], fabric(colour), (0, -.35, .05), (-math.pi / 2, 0, 0))
    b.cylinder((0, .3, .05), .009, .22, plain("8a6238", .5), turn=(-math.pi / 2, 0, 0), sides=12)


def letters(b, rng):
    for i in range(6):
        b.box((rng.uniform(-.12, .12), rng.uniform(-.1, .1), .003 + .004 * i), (.22, .11, .003),
              plain(rng.choice(("f1efe8", "e6d9bd", "cfd8dc")), .8), .001, (0, 0, rng.uniform(0, 3)))


def parcel(b, rng):
    w, d, h = rng.uniform(.25, .36), rng.uniform(.2, .28), rng.uniform(.12, .22)
    b.box((0, 0, h / 2), (w, d, h), plain("b89466", .85, relief=.1, vary=.12), .004)
    b.box((0, 0, h + .001), (w * 1.002, .05, .003), plain("d8c9a0", .3), 0)
    b.box((w * .2, -d * .2, h + .002), (.1, .07, .003), plain(PAPER, .7), 0)


def boots(b, rng):
    leather = plain(rng.choice(("4a3222", "20262c", "3c5a3f")), .45, relief=.1)
    for i, x in enumerate((-.09, .12)):
        fallen = i == 1 and rng.random() < .6
        turn, at = ((0, 1.35, .5), (x, 0, .06)) if fallen else ((0, 0, .2 * i), (x, .03 * i, 0))
        b.box(at if not fallen else (x, 0, .05), (.09, .26, .06), leather, .03, turn)
        b.lathe([(.055, .02), (.05, .12), (.06, .3), (.055, .3), (.045, .1)], leather,
                (at[0], at[1] + (.06 if not fallen else 0), at[2]), turn)


def hat_and_gloves(b, rng):
    wool = fabric(rng.choice(SOFT), weave=50.0)
    b.lathe([(.11, 0), (.115, .04), (.09, .1), (.04, .14), (0, .145)], wool)
    b.ball((0, 0, .16), (.03, .03, .03), wool)
    for s in (0, 1):
        b.pillow((.2 + .05 * s, .1 * s - .05, .02), (.1, .2, .035), wool, (0, 0, 1.1 * s), rng)


def helmet(b, rng):
    paint = plain(rng.choice(BRIGHT), .25)
    b.lathe([(.11, .02), (.13, .06), (.12, .12), (.07, .17), (0, .185)], paint)
    b.surface(20, 2, lambda u, v: (.11 * math.cos(3.1 * u), .13 + .09 * u, .01 + .012 * v), plain("1b1b1d", .7))


MAKERS = {
    "ball": ball, "toy train": toy_train, "crayons": crayons, "puzzle": puzzle,
    "picture books": picture_books, "doll": doll, "toy car": toy_car, "hand towel": hand_towel,
    "toilet rolls": toilet_rolls, "flasks": flasks, "hair dryer": hair_dryer, "bath mat": bath_mat_heap,
    "washbag": washbag, "umbrella": umbrella, "letters": letters, "parcel": parcel, "boots": boots,
    "hat and gloves": hat_and_gloves, "helmet": helmet,
}
