"""Generated pictures for the ablation: four kinds of figures of many sizes and aspects among clutter."""

from __future__ import annotations

import pathlib

import numpy

from . import pictures
from .pictures import COLUMNS, ROWS, SIDE

NAMES = ["ellipse", "triangle", "cross", "star"]


def figure(kind: str, x: float, y: float, width: float, height: float, flip: bool) -> numpy.ndarray:
    u, v = (COLUMNS - x) / (width / 2), (ROWS - y) / (height / 2)
    if flip:
        v = -v
    inside = (abs(u) <= 1) & (abs(v) <= 1)
    if kind == "ellipse":
        return numpy.hypot(u, v) <= 1
    if kind == "triangle":
        return inside & (abs(u) <= (v + 1) / 2)
    if kind == "cross":
        return inside & ((abs(u) < 0.34) | (abs(v) < 0.34))
    return inside & (numpy.sqrt(abs(u)) + numpy.sqrt(abs(v)) <= 1.02)  # star: four points


def fill(random: numpy.random.Generator, picture: numpy.ndarray, mask: numpy.ndarray) -> None:
    color = pictures.light_color(random)
    shade = numpy.ones((SIDE, SIDE))
    if random.random() < 0.5:
        angle, period = random.uniform(0, numpy.pi), random.uniform(4, 12)
        waves = numpy.sin((COLUMNS * numpy.cos(angle) + ROWS * numpy.sin(angle)) * 2 * numpy.pi / period)
        shade = 1 + random.uniform(0.05, 0.2) * waves
    picture[mask] = (color * shade[..., None])[mask]


def draw(random: numpy.random.Generator) -> tuple[numpy.ndarray, str]:
    """A picture and its labels."""
    picture = pictures.background(random)
    owner = numpy.full((SIDE, SIDE), -1)  # whose pixel it is: figures drawn later hide earlier ones
    figures: list[tuple[int, numpy.ndarray]] = []
    for _ in range(random.integers(2, 7)):
        class_id = int(random.integers(len(NAMES)))
        size, aspect = numpy.exp(random.uniform(numpy.log(15), numpy.log(64))), numpy.exp(random.uniform(-0.9, 0.9))
        width, height = size * numpy.sqrt(aspect), size / numpy.sqrt(aspect)
        x, y = random.uniform(0.05 * SIDE, 0.95 * SIDE, 2)
        mask = figure(NAMES[class_id], x, y, width, height, random.random() < 0.5)
        hidden = [(owner[other] >= 0).sum() and (mask & other).sum() / other.sum() for _, other in figures]
        if mask.sum() < 40 or mask.sum() < 0.1 * width * height or any(part > 0.35 for part in hidden):
            continue
        fill(random, picture, mask)
        owner[mask] = len(figures)
        figures.append((class_id, mask))
    labels = "".join(
        pictures.line(class_id, pictures.bounds(mask))
        for number, (class_id, mask) in enumerate(figures)
        if (owner == number).sum() > 0.5 * mask.sum()
    )
    return pictures.finished(random, picture), labels


def make(folder: pathlib.Path, train: int, test: int) -> None:
    """FOLDER/shapes.data, with pictures that depend on nothing but this file."""
    for part, count, seed in (("train", train, 1), ("valid", test, 2)):
        images, labels = folder / "shapes/images" / part, folder / "shapes/labels" / part
        images.mkdir(parents=True, exist_ok=True)
        labels.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            pixels, text = draw(numpy.random.default_rng([seed, number]))
            pictures.write_png(images / f"{number:04}.png", pixels)
            (labels / f"{number:04}.txt").write_text(text, encoding="utf-8")
        files = "".join(f"shapes/images/{part}/{number:04}.png\n" for number in range(count))
        (folder / f"shapes.{part}.txt").write_text(files, encoding="utf-8")
    (folder / "shapes.names").write_text("\n".join(NAMES) + "\n", encoding="utf-8")
    (folder / "shapes.data").write_text(
        f"classes={len(NAMES)}\ntrain=shapes.train.txt\nvalid=shapes.valid.txt\nnames=shapes.names\n", encoding="utf-8"
    )


def sheet(folder: pathlib.Path, part: str, columns: int, rows: int, path: pathlib.Path) -> None:
    """Some of the pictures side by side, without their labels."""
    names = range(columns * rows)
    drawn = [draw(numpy.random.default_rng([2 if part == "valid" else 1, number]))[0] for number in names]
    lines = [numpy.concatenate(drawn[row * columns : (row + 1) * columns], axis=1) for row in range(rows)]
    pictures.write_png(path, numpy.concatenate(lines))
