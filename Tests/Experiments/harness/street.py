"""People and vehicles of the real world from 317 pictures: the best recipe that was found, and what its parts bring.

A fifth of COCO train is held out, and judges the short trainings. The recipe itself then learns all of train, first at
small sizes, where a picture costs little, then at those that it is judged at, and last those with people and vehicles
more often. COCO val is looked at at the end.
"""

from __future__ import annotations

import dataclasses
import json

from . import coco
from .networks import Network
from .program import Program
from .report import Result, chart, table
from .training import Task, write_subset

CLASSES = (0, 1, 2, 3, 5, 7)  # person, bicycle, car, motorbike, bus, truck
SMALL, LARGE, OFTEN = "160,192,224", "224,256,320,416", "224,288,352,416"
TIMES = 3  # the third phase shows pictures with people or vehicles so often for each time that it shows the others
JUDGED = "224,320,416"
ANCHOR_SIZE = 256
HELD_OUT = 5  # one picture of so many
CHECKPOINTS = (300, 600, 900)  # those that are kept of a short training; its curve goes through them
CURVE_SIZE = 224


AUGMENTED = {"--zoom": 2, "--mosaic": 0.3, "--copy-paste": 0.6}


@dataclasses.dataclass(frozen=True)
class Phase:
    name: str
    sizes: str
    iterations: int
    learning_rate: float
    batch: int = 8
    size: int = 224
    augmented: dict[str, float] = dataclasses.field(default_factory=lambda: AUGMENTED)


FIRST = Phase("small", SMALL, 10000, 0.0015)
SECOND = Phase("large", LARGE, 12000, 0.001)
THIRD = Phase("often", OFTEN, 19000, 0.0012, batch=16, size=320, augmented={**AUGMENTED, "--mosaic": 0.25})
SHORT = Phase("short", SMALL, 3000, 0.0015)
TRIED = {
    "all of them": (),
    "without copy-paste": ("--copy-paste",),
    "without mosaic": ("--mosaic",),
    "without zoom": ("--zoom",),
}


def write_pictures(program: Program) -> None:
    """street.data of all pictures, often.data with repetitions, and held.data of train alone, a fifth of which judges;
    outlines beside all."""
    write_subset(program, Task("street", "people and vehicles", CLASSES, 0))
    outlines = program.folder / "street/outlines"
    outlines.mkdir(exist_ok=True)
    if not (outlines / "train").exists():
        (outlines / "train").symlink_to(coco.folder() / "coco/outlines/train")
    pictures = sorted((program.folder / "street/images/train").glob("*.jpg"))
    held = pictures[HELD_OUT - 1 :: HELD_OUT]
    names = [coco.names()[class_id] for class_id in CLASSES]
    coco.write_data(program.folder / "held.data", [path for path in pictures if path not in held], held, names)
    labels = program.folder / "street/labels/train"
    often = [
        picture for picture in pictures for _ in range(TIMES if (labels / f"{picture.stem}.txt").stat().st_size else 1)
    ]
    coco.write_data(program.folder / "often.data", often, held, names)


def train(program: Program, data: str, phase: Phase, anchors: str, scale: float, *options: object) -> float:
    network = Network(
        classes=len(CLASSES),
        iterations=int(phase.iterations * scale),
        size=phase.size,
        batch=phase.batch,
        anchors=anchors,
        widths=(16, 32, 64, 160, 320),
        doubled=(2, 3),
        head=320,
        passthrough=True,
        lean=True,
        learning_rate=phase.learning_rate,
        decay=0.0001,
        adam=True,
        linear=True,
        burn_in=200,
    )
    (program.folder / f"{phase.name}.cfg").write_text(network.cfg(), encoding="utf-8")
    return program.train(data, f"{phase.name}.cfg", *options, "--sizes", phase.sizes, precision="auto")


def judged(program: Program, data: str, phase: Phase, output: str, *options: object) -> list[dict]:
    weights = f"{output}/{phase.name}_final.weights"
    return program.evaluate(data, f"{phase.name}.cfg", weights, "--sizes", JUDGED, *options)["sizes"]


def augmentation(phase: Phase, without: tuple[str, ...] = ()) -> list[object]:
    return [word for name, value in phase.augmented.items() if name not in without for word in (name, value)]


def measure_part(program: Program, anchors: str, title: str, seed: int, scale: float) -> dict:
    """A short training on four fifths, judged on the last."""
    output = "short-" + "-".join(title.split())
    minutes = train(
        program, "held.data", SHORT, anchors, scale, output, "--seed", seed, "--validate-every", 0,
        *augmentation(SHORT, TRIED[title]),
    )  # fmt: skip
    return {
        "minutes": minutes,
        "sizes": judged(program, "held.data", SHORT, output),
        "train": judged(program, "held.data", SHORT, output, "--part", "train"),
        "curve": curve(program, output),
    }


def curve(program: Program, output: str) -> list[tuple[int, float]]:
    """Pictures seen, and the AP50 of people. (That of a class with three objects would hide it in the mean.)"""
    points = []
    for iteration in CHECKPOINTS:
        weights = f"{output}/{SHORT.name}_{iteration}.weights"
        if (program.folder / weights).exists():
            told = program.evaluate("held.data", f"{SHORT.name}.cfg", weights, "--sizes", CURVE_SIZE)
            points.append((iteration * SHORT.batch, told["sizes"][0]["classes"]["person"]["ap50"]))
    return points


def measure_recipe(program: Program, anchors: str, seed: int, scale: float) -> dict:
    """All phases on all of train, judged on val. Each goes on from the one before."""
    minutes, start = 0.0, []
    for data, phase in (("street.data", FIRST), ("street.data", SECOND), ("often.data", THIRD)):
        output = f"street-{phase.name}"
        options = ["--seed", seed, "--validate-every", 0, *augmentation(phase)]
        minutes += train(program, data, phase, anchors, scale, output, *start, *options)
        start = [f"{output}/{phase.name}_final.weights", "--clear"]
    return {
        "minutes": minutes,
        "sizes": judged(program, "street.data", THIRD, output),
        "train": judged(program, "street.data", THIRD, output, "--part", "train"),
    }


def rows_of(title: str, run: dict) -> list[list]:
    def figures(judged: dict) -> list[str]:
        classes = judged["classes"]
        values = [judged["ap"], judged["ap50"], classes["person"]["ap50"], classes["car"]["ap50"]]
        return [f"{value:.1f}" for value in values]

    return [
        [title, judged["width"], *figures(judged), *figures(on_train)[2:], f"{run['minutes']:.0f}"]
        for judged, on_train in zip(run["sizes"], run["train"])
    ]


def measure(program: Program, seeds: list[int], scale: float) -> Result:
    write_pictures(program)
    anchors, _ = program.anchors("street.data", ANCHOR_SIZE)

    def kept(name: str, run) -> dict:
        store = program.folder / f"street-{name}.json"
        if not store.exists():
            store.write_text(json.dumps(run()), encoding="utf-8")
        return json.loads(store.read_text(encoding="utf-8"))

    parts = {
        title: kept("-".join(title.split()), lambda title=title: measure_part(program, anchors, title, seeds[0], scale))
        for title in TRIED
    }
    recipe = kept("recipe", lambda: measure_recipe(program, anchors, seeds[0], scale))
    header = ["", "size", "AP", "AP50", "person AP50", "car AP50", "person, on train", "car, on train", "minutes"]
    short = int(SHORT.iterations * scale)
    seen = sum(int(phase.iterations * scale) * phase.batch for phase in (FIRST, SECOND, THIRD))
    text = [
        "### The recipe, on all of train, judged on val",
        table(header, rows_of("val", recipe)),
        f"{seen} pictures seen, {recipe['minutes'] / 60:.1f} hours.",
        program.commands("street.data", [f"street-{phase.name}" for phase in (FIRST, SECOND, THIRD)]),
        f"### What each augmentation brings, on the held-out fifth, after {short * SHORT.batch} pictures",
        table(header, [row for title, run in parts.items() for row in rows_of(title, run)]),
    ]
    curves = {
        title: [(0, 0), *run["curve"], (short * SHORT.batch, run["sizes"][0]["classes"]["person"]["ap50"])]
        for title, run in parts.items()
    }
    drawn = chart(f"People of the held-out fifth, at {CURVE_SIZE}", "pictures seen", "AP50", curves)
    return Result("\n\n".join(text), {"street.svg": drawn})
