#!/usr/bin/env python3
"""Draws icon.png (128x128) and logo.png (250x100) of the app.

A house in the evening with a lit window, and a sparkle where it has just been
cleaned. Needs Pillow; everything is drawn at eight times its size and shrunk.

    python3 tools/brand/draw.py aicleaner_v3
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SCALE = 8
TEAL = (15, 118, 110, 255)
TEAL_DARK = (11, 86, 82, 255)
WALL = (240, 253, 250, 255)
GLOW = (253, 224, 71, 255)
# Readable on light and dark grounds.
INK = (13, 148, 136, 255)


def star(draw, x, y, reach, waist, fill):
    """A four-pointed sparkle around (x, y)."""
    points = [
        (x, y - reach), (x + waist, y - waist), (x + reach, y), (x + waist, y + waist),
        (x, y + reach), (x - waist, y + waist), (x - reach, y), (x - waist, y - waist),
    ]
    draw.polygon(points, fill=fill)


def house(size):
    """The mark, `size` pixels square before shrinking, on a transparent ground."""
    image = Image.new("RGBA", (size, size))
    draw = ImageDraw.Draw(image)
    u = size / 128

    def box(left, top, right, bottom):
        return [left * u, top * u, right * u, bottom * u]

    draw.rounded_rectangle(box(4, 4, 124, 124), radius=28 * u, fill=TEAL)
    # Chimney, walls, then the roof over both.
    draw.rectangle(box(38, 30, 47, 54), fill=WALL)
    draw.rounded_rectangle(box(32, 56, 92, 104), radius=5 * u, fill=WALL)
    roof = [(62, 24), (104, 62), (98, 69), (62, 37), (26, 69), (20, 62)]
    draw.polygon([(62 * u, 26 * u), (94 * u, 60 * u), (30 * u, 60 * u)], fill=WALL)
    draw.polygon([(x * u, y * u) for x, y in roof], fill=TEAL_DARK)
    # A lit window with its cross, and the door.
    draw.rounded_rectangle(box(41, 66, 61, 86), radius=2.5 * u, fill=GLOW)
    draw.rectangle(box(50, 66, 52, 86), fill=WALL)
    draw.rectangle(box(41, 75, 61, 77), fill=WALL)
    draw.rounded_rectangle(box(69, 72, 84, 104), radius=2.5 * u, fill=TEAL_DARK)
    draw.ellipse(box(79.5, 87, 82.5, 90), fill=GLOW)
    # Clean: one large sparkle and its little sister.
    star(draw, 99 * u, 35 * u, 17 * u, 4 * u, GLOW)
    star(draw, 112 * u, 57 * u, 7 * u, 1.8 * u, GLOW)
    return image


def logo():
    """The mark and the name beside it."""
    image = Image.new("RGBA", (250 * SCALE, 100 * SCALE))
    mark = house(84 * SCALE)
    image.paste(mark, (4 * SCALE, 8 * SCALE), mark)
    draw = ImageDraw.Draw(image)
    name = ImageFont.load_default(29 * SCALE)
    small = ImageFont.load_default(13 * SCALE)
    draw.text((98 * SCALE, 22 * SCALE), "AICleaner", font=name, fill=INK,
              stroke_width=SCALE // 2, stroke_fill=INK)
    draw.text((100 * SCALE, 59 * SCALE), "tidy rooms, at a glance", font=small, fill=INK)
    return image


def save(image, size, path):
    image.resize(size, Image.Resampling.LANCZOS).save(path, optimize=True)
    print(f"{path}: {size[0]}x{size[1]}")


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "aicleaner_v3")
    save(house(128 * SCALE), (128, 128), folder / "icon.png")
    save(logo(), (250, 100), folder / "logo.png")


if __name__ == "__main__":
    main()
