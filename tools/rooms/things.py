"""Things people leave lying about. Each maker fills a builder with one thing
standing on z = 0 around the origin."""

import math

import clutter
from cloth import fallen
from materials import fabric, glass, plain
from shapes import Builder

CLOTHES = ["33507a", "8c2f39", "d9d4c7", "2f2f35", "5c7a4a", "c98b3c", "7a6a9c", "b9c4cf"]
BRIGHT = ["d8402f", "2f6fc0", "f0b429", "3c9a57", "e8e4da", "d77aa0"]
COVERS = ["7b2d26", "24425c", "c9a24b", "3d5a45", "d8d2c4", "5a3d5c", "b0562f", "2b2b2f"]
PAPER = "f1efe8"


def _garment(b, rng, kind, material, at=(0, 0, 0), steep=None):
    vertices, faces = fallen(kind, rng.randrange(1, 4), steep or rng.choice((0.8, 1.2)))
    b.raw(vertices, faces, material, at=at, turn=(0, 0, rng.uniform(0, 6.28)))


def t_shirt(b, rng):
    stripe = rng.random() < 0.4
    colour = rng.choice(CLOTHES)
    cloth = fabric(colour, "e6e2d8", 9.0) if stripe else fabric(colour)
    _garment(b, rng, "t-shirt", cloth)


def trousers(b, rng):
    _garment(b, rng, "trousers", fabric(rng.choice(("33507a", "2a3040", "6b6250", "3a3a3e"))))


def towel(b, rng):
    _garment(b, rng, "towel", fabric(rng.choice(("cfe0e6", "e3b7a4", "f0ece2", "6f8f8a")), weave=120.0))


def blanket(b, rng):
    _garment(b, rng, "blanket", fabric("a8503f", "d8b48a", 4.0, weave=120.0), steep=0.9)


def socks(b, rng):
    cloth = fabric(rng.choice(CLOTHES))
    _garment(b, rng, "sock", cloth, (-0.12, 0, 0))
    _garment(b, rng, "sock", cloth, (0.14, 0.07, 0))


def dish_cloth(b, rng):
    _garment(b, rng, "dish cloth", fabric("e9e6dc", "b8453a", 14.0))


def laundry(b, rng):
    """A heap: several garments fallen on top of one another."""
    for i, kind in enumerate(("towel", "t-shirt", "trousers", "t-shirt")):
        at = (rng.uniform(-.12, .12), rng.uniform(-.12, .12), 0.05 * i)
        _garment(b, rng, kind, fabric(CLOTHES[(i * 3 + rng.randrange(3)) % len(CLOTHES)]), at, 1.2)


def cushion(b, rng):
    b.pillow((0, 0, 0.085), (0.44, 0.44, 0.17), fabric(rng.choice(("c98b3c", "3f6b6b", "b9574a"))),
             turn=(0.08, 0.05, 0), rng=rng)


def _book(b, rng, at, spin):
    w, d, h = rng.uniform(.13, .17), rng.uniform(.19, .24), rng.uniform(.018, .04)
    cover = plain(rng.choice(COVERS), 0.4)
    x, y, z = at
    b.box((x, y, z + h / 2), (w - .008, d - .008, h - .006), plain(PAPER, 0.8), 0.002, (0, 0, spin))
    for z_cover in (z + .002, z + h - .002):
        b.box((x, y, z_cover), (w, d, .004), cover, 0.001, (0, 0, spin))
    return h


def books(b, rng):
    z = 0
    for _ in range(4):
        z += _book(b, rng, (rng.uniform(-.02, .02), rng.uniform(-.02, .02), z), rng.uniform(-.5, .5))
    _book(b, rng, (.21, -.06, 0), 0.9)


def papers(b, rng):
    page = plain(PAPER, 0.85, vary=0.02)
    for i in range(7):
        lift, lean = rng.uniform(0, .02), rng.uniform(0, 6)
        b.surface(8, 8, lambda u, v, k=lift, p=lean: ((u - .5) * .21, (v - .5) * .297,
                  .003 + k * (1 + math.sin(5 * u + p)) * abs(v - .5)), page,
                  at=(rng.uniform(-.22, .22), rng.uniform(-.18, .18), .002 * i),
                  turn=(0, 0, rng.uniform(0, 3)))


def paper_balls(b, rng):
    for i in range(3):
        reach = rng.uniform(.035, .05)
        phase = rng.uniform(0, 6)

        def crumple(u, v, r=reach, p=phase):
            t, f = u * math.pi, v * 2 * math.pi
            k = r * (1 + .22 * math.sin(7 * t + p) * math.cos(5 * f + p) + .12 * math.sin(13 * f + p * t))
            return (k * math.sin(t) * math.cos(f), k * math.sin(t) * math.sin(f), r * .95 + k * math.cos(t))
        b.surface(18, 24, crumple, plain(PAPER, 0.9), at=(.13 * i - .13, rng.uniform(-.1, .1), 0))


def magazines(b, rng):
    for i in range(3):
        b.box((rng.uniform(-.08, .08), rng.uniform(-.05, .05), .004 + .008 * i), (.21, .28, .007),
              plain(rng.choice(BRIGHT), .25, vary=.3), .002, (0, 0, rng.uniform(-.8, .8)))


def mug(b, rng):
    glaze = plain(rng.choice(("f2efe9", "3d6f8a", "c2543d", "e0b04a")), 0.15)
    b.lathe([(0, 0), (.036, 0), (.041, .01), (.042, .095), (.038, .095), (.037, .02), (0, .015)], glaze)
    b.lathe([(.0, .075), (.037, .075)], plain("2a1a10", .1))
    b.surface(14, 8, lambda u, v: (.042 + .028 * math.sin(u * math.pi) + .006 * math.cos(v * 6.283),
                                   .006 * math.sin(v * 6.283), .048 - .03 * math.cos(u * math.pi)), glaze)


def plates(b, rng):
    """Dirty dishes piled: plates, a bowl and a glass."""
    china = plain("efece4", 0.14)
    for i in range(4):
        at = (rng.uniform(-.02, .02), rng.uniform(-.02, .02), .018 * i)
        b.lathe([(0, .004), (.075, .004), (.13, .022), (.132, .026), (.075, .01), (0, .009)], china, at)
    b.lathe([(0, 0), (.04, .002), (.075, .05), (.08, .07), (.072, .055), (.03, .012), (0, .01)],
            plain("4a7f92", .2), (.01, .01, .075), (.12, .1, 0))
    _tumbler(b, (.2, .05, 0))
    b.box((-.01, .02, .155), (.2, .014, .004), plain("c8c8cc", .2, 1.0), .002, (.1, .1, .9))


def _tumbler(b, at):
    b.lathe([(0, 0), (.03, 0), (.036, .12), (.033, .12), (.028, .012), (0, .012)], glass(), at)


def bottle(b, rng):
    lying = rng.random() < 0.4
    turn, at = ((math.pi / 2, 0, 0), (0, .14, .036)) if lying else ((0, 0, 0), (0, 0, 0))
    body = rng.choice((glass("3f7a4a"), glass("7a4a20"), glass("cfe4ee")))
    b.lathe([(0, 0), (.034, 0), (.036, .01), (.036, .17), (.014, .22), (.013, .28), (0, .28)], body, at, turn)
    b.lathe([(.0365, .05), (.0365, .14)], plain(rng.choice(BRIGHT), .5), at, turn)


def cans(b, rng):
    for i in range(3):
        turn = (math.pi / 2, 0, rng.uniform(0, 3)) if i == 2 else (0, 0, 0)
        at = (.1 * i - .1, rng.uniform(-.05, .05), .033 if i == 2 else 0)
        b.lathe([(0, 0), (.026, 0), (.033, .008), (.033, .108), (.026, .116), (0, .114)],
                plain(rng.choice(("c0392f", "2a5fa8", "c9ccd0")), .25, .6), at, turn)


def carton(b, rng):
    b.box((0, 0, .14), (.19, .06, .28), plain(rng.choice(BRIGHT), .5, vary=.35), .003)
    b.box((0, -.031, .16), (.15, .002, .12), plain("f4efe0", .5, vary=.3), 0)
    b.surface(1, 1, lambda u, v: ((u - .5) * .19, .03 + v * .05, .28 + v * .03), plain("b99d78", .8))


def cardboard_box(b, rng):
    card = plain("b08a5c", 0.85, relief=.1, vary=.12)
    w, d, h = rng.uniform(.32, .42), rng.uniform(.28, .34), rng.uniform(.2, .28)
    for sign in (-1, 1):
        b.box((sign * w / 2, 0, h / 2), (.006, d, h), card, .001)
        b.box((0, sign * d / 2, h / 2), (w, .006, h), card, .001)
        b.box((sign * (w / 2 + .06), 0, h - .02), (.15, d, .005), card, .001, (0, sign * .5, 0))
        b.box((0, sign * (d / 2 + .055), h + .03), (w, .14, .005), card, .001, (sign * .55, 0, 0))
    b.box((0, 0, .006), (w, d, .006), card, .001)
    for _ in range(3):
        b.pillow((rng.uniform(-.08, .08), rng.uniform(-.06, .06), h * .75), (.2, .16, .1),
                 plain(PAPER, .9), (rng.uniform(-.5, .5), rng.uniform(-.5, .5), rng.uniform(0, 3)), rng)


def pizza_box(b, rng):
    card = plain("c8b08a", 0.8, vary=.15)
    b.box((0, 0, .02), (.33, .33, .04), card, .003)
    b.box((0, .165 + .12, .16), (.33, .006, .33), plain("d9d0c0", .7, vary=.2), .002, (-.75, 0, 0))
    b.lathe([(0, .045), (.12, .045), (.14, .048), (.145, .041)], plain("b8622c", .6, relief=.8, vary=.4))


def toy_blocks(b, rng):
    for _ in range(11):
        size = rng.choice((.04, .045, .05))
        b.box((rng.gauss(0, .13), rng.gauss(0, .11), size / 2), (size * rng.choice((1, 1, 2)), size, size),
              plain(rng.choice(BRIGHT), .35), .004, (0, 0, rng.uniform(0, 3)))


def teddy(b, rng):
    fur = fabric("9a6b3f", weave=90.0)
    b.ball((0, 0, .09), (.1, .15, .09), fur)
    b.ball((0, .2, .09), (.085, .085, .08), fur)
    b.ball((0, .27, .11), (.035, .04, .03), fabric("d8b98c"))
    for s in (-1, 1):
        b.ball((s * .08, .2, .13), (.035, .02, .035), fur)
        b.ball((s * .14, .08, .06), (.1, .04, .04), fur, (0, 0, s * .6))
        b.ball((s * .08, -.18, .05), (.05, .11, .05), fur, (0, 0, s * .3))


def shoes(b, rng):
    upper, sole = rng.choice((("2c3038", "e8e6e0"), ("8a3b32", "f0eee8"), ("6a5138", "2a2420")))
    for x, spin, lean in ((-.09, .2, 0), (.1, -.7, .9 if rng.random() < .5 else 0)):
        turn, at = (0, lean, spin), (x, rng.uniform(-.06, .06), .02 + .03 * (lean > 0))
        b.box(at, (.095, .28, .03), plain(sole, .6), .014, turn)

        def shell(u, v):
            y = (u - .5) * .27
            tall = .045 + .055 * (1 / (1 + math.exp(18 * (u - .5))))
            a = (v - .08) * math.pi / .84
            return (.045 * math.cos(a) * (1 - .5 * abs(2 * u - 1) ** 5), y,
                    .012 + tall * max(0, math.sin(a)) ** .7)
        b.surface(20, 14, shell, fabric(upper), at, turn)


def backpack(b, rng):
    cloth = fabric(rng.choice(("2f4858", "3d3d42", "8a3b3b")))
    b.pillow((0, 0, .12), (.34, .46, .24), cloth, (.1, .1, 0), rng, power=6)
    b.pillow((0, -.08, .22), (.26, .24, .12), cloth, (.1, .1, 0), rng, power=6)
    for s in (-1, 1):
        b.surface(16, 2, lambda u, v, k=s: (k * (.14 + .1 * math.sin(u * 3.1)) + (v - .5) * .05,
                                            .25 - .45 * u, .03 + .1 * math.sin(u * 3.14)),
                  fabric("1f1f22"))


def shopping_bag(b, rng):
    sheet = plain(rng.choice(("e9e4da", "d6a23c", "b9cfd8")), .35)
    phase = rng.uniform(0, 6)

    def side(u, v):
        a = u * 2 * math.pi
        wrinkle = 1 + .10 * math.sin(9 * a + phase + 5 * v) + .06 * math.sin(17 * a - 7 * v)
        r = (.15 + .05 * math.sin(v * 3.1)) * wrinkle * (1 - .35 * v ** 3)
        return (r * math.cos(a) * 1.2, r * math.sin(a) * .8, v * .34 + .03 * math.sin(4 * a + phase) * v)
    b.surface(72, 24, side, sheet)
    b.ball((0, 0, .16), (.11, .08, .1), plain("7a9a3c", .6, relief=.4))
    carton(b, rng)


def pan(b, rng):
    iron = plain("2b2b2d", .35, .5)
    b.lathe([(0, 0), (.1, 0), (.13, .05), (.125, .05), (.098, .008), (0, .008)], iron)
    b.box((.22, 0, .045), (.2, .025, .016), plain("1c1c1e", .5), .007, (0, -.1, 0))
    b.lathe([(0, .012), (.09, .012)], plain("8a5a26", .4, relief=.8, vary=.5))


def crisps(b, rng):
    phase = rng.uniform(0, 6)
    b.pillow((0, 0, .035), (.2, .28, .07), plain("d8402f", .2, .2, vary=.4), (.1, .15, 0), rng, power=5)
    for i in range(9):
        b.lathe([(0, .006), (.02, .002 + .008 * math.sin(phase + i) ** 2)], plain("e0b04a", .6),
                (rng.uniform(-.2, .2), .2 + rng.uniform(-.06, .12), .002), (0.1, .1, 0), 10)


MAKERS = {
    "t-shirt": t_shirt, "trousers": trousers, "towel": towel, "blanket": blanket, "socks": socks,
    "dish cloth": dish_cloth, "laundry": laundry, "cushion": cushion, "books": books,
    "papers": papers, "paper balls": paper_balls, "magazines": magazines, "mug": mug,
    "plates": plates, "bottle": bottle, "cans": cans, "carton": carton,
    "cardboard box": cardboard_box, "pizza box": pizza_box, "toy blocks": toy_blocks,
    "teddy bear": teddy, "shoes": shoes, "backpack": backpack, "shopping bag": shopping_bag,
    "pan": pan, "crisps": crisps, **clutter.MAKERS,
}


def make(kind, rng, at=(0, 0, 0), spin=0.0):
    builder = Builder()
    MAKERS[kind](builder, rng)
    return builder.done(kind, at, spin)
