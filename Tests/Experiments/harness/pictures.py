"""Drawing with numpy: backgrounds, clutter and figures as masks; PNG files without a library."""

from __future__ import annotations

import pathlib
import struct
import zlib

import numpy

SIDE = 128
ROWS, COLUMNS = numpy.mgrid[0:SIDE, 0:SIDE] + 0.5


def write_png(path: pathlib.Path, pixels: numpy.ndarray) -> None:
    rows, columns, _ = pixels.shape
    lines = numpy.zeros((rows, 1 + columns * 3), numpy.uint8)
    lines[:, 1:] = pixels.reshape(rows, columns * 3)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines.tobytes(), 1)),
        (b"IEND", b""),
    ]
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, data in chunks:
            file.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))


def smooth_noise(random: numpy.random.Generator, cells: int) -> numpy.ndarray:
    """SIDE x SIDE values around 0 that change slowly: a coarse random grid, enlarged bilinearly."""
    grid = random.normal(size=(cells + 1, cells + 1))
    at = numpy.linspace(0, cells - 1e-6, SIDE)
    low, part = at.astype(int), at % 1
    rows = grid[low] * (1 - part[:, None]) + grid[low + 1] * part[:, None]
    return rows[:, low] * (1 - part) + rows[:, low + 1] * part


def background(random: numpy.random.Generator) -> numpy.ndarray:
    """Slow colours, and lines and blots that are nothing."""
    picture = random.uniform(30, 100, 3) + numpy.stack([smooth_noise(random, 4) * 15 for _ in range(3)], axis=-1)
    for _ in range(random.integers(2, 7)):
        color, angle = random.uniform(20, 150, 3), random.uniform(0, numpy.pi)
        x, y = random.uniform(0, SIDE, 2)
        along = (COLUMNS - x) * numpy.cos(angle) + (ROWS - y) * numpy.sin(angle)
        across = (COLUMNS - x) * -numpy.sin(angle) + (ROWS - y) * numpy.cos(angle)
        mask = (abs(across) < random.uniform(0.7, 2.5)) & (abs(along) < random.uniform(8, 45))
        if random.random() < 0.4:  # a blot without a clear outline
            mask = (along / random.uniform(5, 18)) ** 2 + (across / random.uniform(5, 18)) ** 2 + smooth_noise(
                random, 12
            ) < 0.8
        picture[mask] = picture[mask] * 0.4 + color * 0.6
    return picture


def finished(random: numpy.random.Generator, picture: numpy.ndarray) -> numpy.ndarray:
    noisy = picture + random.normal(size=picture.shape) * random.uniform(2, 12)
    return noisy.clip(0, 255).astype(numpy.uint8)


def light_color(random: numpy.random.Generator) -> numpy.ndarray:
    """Of figures: backgrounds are darker."""
    return random.uniform(140, 255, 3)


def bounds(mask: numpy.ndarray) -> tuple[float, float, float, float]:
    """The mask's box: centre and size relative to the picture."""
    rows, columns = numpy.flatnonzero(mask.any(axis=1)), numpy.flatnonzero(mask.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    return (left + right) / 2 / SIDE, (top + bottom) / 2 / SIDE, (right - left) / SIDE, (bottom - top) / SIDE


def line(class_id: int, box: tuple[float, float, float, float]) -> str:
    return f"{class_id} " + " ".join(f"{value:.6f}" for value in box) + "\n"
