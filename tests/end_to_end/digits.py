"""Reads the number in the app's test picture, as a model does that really gets it: standard input to standard output.

Runs with Home Assistant's own Python, which has Pillow.
"""

import io
import sys

from PIL import Image

# Three columns, five rows of each digit; the highest bit of a row is its left column.
DIGITS = [
    (7, 5, 5, 5, 7), (2, 6, 2, 2, 7), (7, 1, 7, 4, 7), (7, 1, 7, 1, 7), (5, 5, 7, 1, 1),
    (7, 4, 7, 1, 7), (7, 4, 7, 5, 7), (7, 1, 2, 2, 2), (7, 5, 7, 5, 7), (7, 5, 7, 1, 7),
]
LEFT, TOP, DIGIT, COLUMN, ROW = 56, 330, 104, 24, 26
DARK = 110


def number(jpeg: bytes) -> int:
    picture = Image.open(io.BytesIO(jpeg)).convert("L")
    assert picture.size == (512, 512), f"no test picture: {picture.size}"

    def dark(place: int, column: int, row: int) -> bool:
        x, y = LEFT + place * DIGIT + column * COLUMN + COLUMN // 2, TOP + row * ROW + ROW // 2
        return picture.getpixel((x, y)) < DARK

    def digit(place: int) -> int:
        bits = tuple(sum(4 >> column for column in range(3) if dark(place, column, row)) for row in range(5))
        return DIGITS.index(bits)

    return int("".join(str(digit(place)) for place in range(4)))


if __name__ == "__main__":
    print(number(sys.stdin.buffer.read()))
