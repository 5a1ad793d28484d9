"""Generated pictures for joint training: beasts, cars and houses with coats, half of which no box ever names."""

from __future__ import annotations

import pathlib

import numpy

from . import pictures
from .pictures import COLUMNS, ROWS, SIDE

KINDS = ["beast", "car", "house"]
COATS = ["plain", "striped", "spotted", "checked"]
# The coats that boxes name, by kind; the others are named in classification pictures only.
BOXED = {"beast": ["plain", "striped"], "car": ["plain", "spotted"], "house": ["checked", "spotted"]}

SPECIES = [(kind, coat) for kind in KINDS for coat in COATS]
NODES = KINDS + [f"{coat}-{kind}" for kind, coat in SPECIES]
PARENTS = [-1] * len(KINDS) + [KINDS.index(kind) for kind, _ in SPECIES]
BOXED_SPECIES = [number for number, (kind, coat) in enumerate(SPECIES) if coat in BOXED[kind]]
UNBOXED_SPECIES = [number for number in range(len(SPECIES)) if number not in BOXED_SPECIES]
# Classes of the detection set, as nodes: the kinds as such, and the boxed species.
DETECTION_NODES = list(range(len(KINDS))) + [len(KINDS) + number for number in BOXED_SPECIES]


def outline(
    kind: str, x: float, y: float, width: float, height: float, flip: bool
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The part with the coat, and the rest: head and legs, wheels, the roof."""
    u, v = (COLUMNS - x) / (width / 2), (ROWS - y) / (height / 2)
    if flip:
        u = -u
    inside = (abs(u) <= 1) & (abs(v) <= 1)
    if kind == "beast":
        body = ((u + 0.15) / 0.8) ** 2 + ((v + 0.1) / 0.62) ** 2 <= 1
        head = ((u - 0.72) / 0.28) ** 2 + ((v + 0.65) / 0.35) ** 2 <= 1
        legs = inside & (v > 0) & ((abs(u + 0.6) < 0.1) | (abs(u - 0.25) < 0.1))
        return body, (head | legs) & ~body
    if kind == "car":
        hull = inside & (v > -0.2) & (v < 0.65)
        cabin = inside & (v <= -0.2) & (abs(u + 0.1) < 0.55 + (v + 0.2) * 0.2)
        wheels = [((u - at) * width) ** 2 + ((v - 0.65) * height) ** 2 < (0.34 * height) ** 2 for at in (-0.55, 0.55)]
        return (hull | cabin) & ~(wheels[0] | wheels[1]), (wheels[0] | wheels[1]) & inside
    roof = inside & (v <= -0.3) & (abs(u) <= (v + 1) / 0.7)
    walls = inside & (v > -0.3) & (abs(u) < 0.85)
    return walls, roof


def coat_pattern(random: numpy.random.Generator, coat: str) -> numpy.ndarray:
    """0 or 1: where the second colour is."""
    period = random.uniform(7, 11)
    along, across = COLUMNS + random.uniform(0, period), ROWS + random.uniform(0, period)
    if coat == "striped":
        return along % period < period / 2
    if coat == "checked":
        return (along % period < period / 2) ^ (across % period < period / 2)
    if coat == "spotted":
        return numpy.hypot(along % period - period / 2, across % period - period / 2) < period * 0.32
    return numpy.zeros((SIDE, SIDE), bool)


def paint(
    random: numpy.random.Generator, picture: numpy.ndarray, species: int, size: float, at: tuple[float, float]
) -> numpy.ndarray:
    """Where the object is; it covers what was there."""
    kind, coat = SPECIES[species]
    aspect = {"beast": 1.25, "car": 1.9, "house": 0.95}[kind] * numpy.exp(random.uniform(-0.25, 0.25))
    width, height = size * numpy.sqrt(aspect), size / numpy.sqrt(aspect)
    coated, rest = outline(kind, *at, width, height, random.random() < 0.5)
    mask = coated | rest
    if not coated.any():
        return mask
    color, second = pictures.light_color(random), random.uniform(0, 90, 3)
    picture[coated] = numpy.where(coat_pattern(random, coat)[..., None], second, color)[coated]
    picture[rest] = random.uniform(100, 200, 3)
    return mask


def scene(random: numpy.random.Generator, allowed: list[int]) -> tuple[numpy.ndarray, list[tuple[int, tuple]]]:
    """One to four objects that hide little of each other."""
    picture, masks, objects = pictures.background(random), [], []
    for _ in range(random.integers(1, 5)):
        species = int(random.choice(allowed))
        size, at = random.uniform(0.24, 0.55) * SIDE, tuple(random.uniform(0.12 * SIDE, 0.88 * SIDE, 2))
        before = picture.copy()
        mask = paint(random, picture, species, size, at)
        if mask.sum() < 200 or any((mask & other).sum() > 0.2 * other.sum() for other in masks):
            picture[:] = before
            continue
        masks.append(mask)
        objects.append((species, pictures.bounds(mask)))
    return pictures.finished(random, picture), objects


def portrait(random: numpy.random.Generator, species: int) -> numpy.ndarray:
    """A picture for classification: one object that fills much of it."""
    picture = pictures.background(random)
    paint(random, picture, species, random.uniform(0.25, 0.7) * SIDE, tuple(SIDE / 2 + random.uniform(-15, 15, 2)))
    return pictures.finished(random, picture)


class Folders:
    def __init__(self, folder: pathlib.Path, part: str):
        self.folder, self.part, self.files = folder, part, []
        for kind in ("images", "labels"):
            (folder / "kinds" / kind / part).mkdir(parents=True, exist_ok=True)

    def add(self, pixels: numpy.ndarray, labels: str) -> None:
        name = f"{len(self.files):04}"
        pictures.write_png(self.folder / f"kinds/images/{self.part}/{name}.png", pixels)
        (self.folder / f"kinds/labels/{self.part}/{name}.txt").write_text(labels, encoding="utf-8")
        self.files.append(f"kinds/images/{self.part}/{name}.png")

    def write_list(self) -> None:
        text = "".join(f"{file}\n" for file in self.files)
        (self.folder / f"kinds.{self.part}.txt").write_text(text, encoding="utf-8")


def make(folder: pathlib.Path, shown: bool, detection: int = 600, portraits: int = 60, test: int = 200) -> None:
    """kinds.tree, its maps, and three sets: detection, portraits of each species, test.

    A third of the detection set's boxes name the kind alone, as COCO's `dog` does. `shown`: so do all boxes of the
    species that have none of their own, as the dogs of all breeds in COCO; else detection pictures lack these species.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{name} {parent}\n" for name, parent in zip(NODES, PARENTS)]
    (folder / "kinds.tree").write_text("".join(lines), encoding="utf-8")
    for name, nodes in (("boxes", DETECTION_NODES), ("species", range(len(KINDS), len(NODES)))):
        (folder / f"kinds.{name}.map").write_text("".join(f"{node}\n" for node in nodes), encoding="utf-8")
        (folder / f"kinds.{name}.names").write_text("".join(f"{NODES[node]}\n" for node in nodes), encoding="utf-8")
    boxes = Folders(folder, "boxes")
    for number in range(detection):
        random = numpy.random.default_rng([11, number])
        pixels, objects = scene(random, list(range(len(SPECIES))) if shown else BOXED_SPECIES)
        text = ""
        for species, box in objects:
            kind = PARENTS[len(KINDS) + species]
            named = species in BOXED_SPECIES and random.random() > 1 / 3
            node = len(KINDS) + species if named else kind
            text += pictures.line(DETECTION_NODES.index(node), box)
        boxes.add(pixels, text)
    boxes.write_list()
    labelled = Folders(folder, "portraits")
    for number in range(portraits * len(SPECIES)):
        species = number % len(SPECIES)
        pixels = portrait(numpy.random.default_rng([12, number]), species)
        labelled.add(pixels, f"{len(KINDS) + species} 0 0 0 0\n")
    labelled.write_list()
    judged = Folders(folder, "test")
    for number in range(test):
        pixels, objects = scene(numpy.random.default_rng([13, number]), list(range(len(SPECIES))))
        judged.add(pixels, "".join(pictures.line(species, box) for species, box in objects))
    judged.write_list()
    common = (
        "train=kinds.boxes.txt\nvalid=kinds.test.txt\ntree=kinds.tree\nmap=kinds.boxes.map\nnames=kinds.boxes.names\n"
    )
    (folder / "kinds-detection.data").write_text(common, encoding="utf-8")
    (folder / "kinds-joint.data").write_text(common + "classification=kinds.portraits.txt\n", encoding="utf-8")
    (folder / "kinds-test.data").write_text(
        "valid=kinds.test.txt\ntree=kinds.tree\nmap=kinds.species.map\nnames=kinds.species.names\n", encoding="utf-8"
    )
