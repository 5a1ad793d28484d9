"""Training on real pictures from random weights: COCO train only; COCO val is judged and steers nothing."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import shutil

from . import coco
from .networks import Network
from .program import Program
from .report import Result, chart, table

SIZE = 224
SIZES = "160..256"
BATCH = 8


@dataclasses.dataclass(frozen=True)
class Task:
    key: str
    title: str
    classes: tuple[int, ...]  # of COCO's 80; empty: all
    iterations: int


TASKS = [
    Task("two", "person and car", (0, 2), 1600),
    Task("eighty", "all 80 classes", (), 1600),
]


def write_subset(program: Program, task: Task) -> None:
    """TASK.data: links to the pictures and, beside them, labels of the wanted classes only."""
    if not task.classes:
        coco.write_data(
            program.folder / f"{task.key}.data", coco.pictures("train"), coco.pictures("val"), coco.names()
        )
        return
    lists: dict[str, list[pathlib.Path]] = {"train": [], "val": []}
    for part, files in lists.items():
        images, labels = (program.folder / task.key / kind / part for kind in ("images", "labels"))
        for made in (images, labels):
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir(parents=True)
        for picture in coco.pictures(part):
            (images / picture.name).symlink_to(picture)
            lines = [
                f"{task.classes.index(box[0])} " + " ".join(f"{value:.6f}" for value in box[1:]) + "\n"
                for box in coco.boxes(picture)
                if box[0] in task.classes
            ]
            (labels / f"{picture.stem}.txt").write_text("".join(lines), encoding="utf-8")
            files.append(images / picture.name)
    names = [coco.names()[class_id] for class_id in task.classes]
    coco.write_data(program.folder / f"{task.key}.data", lists["train"], lists["val"], names)


def measure_task(program: Program, task: Task, scale: float, seed: int = 1) -> dict:
    write_subset(program, task)
    data, cfg, output = f"{task.key}.data", f"{task.key}.cfg", f"{task.key}-{seed}"
    anchors, _ = program.anchors(data, SIZE)
    network = Network(
        classes=len(task.classes) or 80,
        iterations=int(task.iterations * scale),
        size=SIZE,
        batch=BATCH,
        anchors=anchors,
        widths=(16, 32, 64, 128, 256, 256),
        head=256,
        passthrough=True,
    )
    (program.folder / cfg).write_text(network.cfg(), encoding="utf-8")
    # The network as training begins it: one update at a rate of burn_in's first step, about nothing.
    program.train(data, cfg, f"{output}-random", "--seed", seed, "--validate-every", 0, "--max-batches", 1)
    before = program.evaluate(data, cfg, f"{output}-random/{task.key}_final.weights")
    every = max(network.iterations // 6, 1)
    minutes = program.train(data, cfg, output, "--seed", seed, "--validate-every", every, "--sizes", SIZES)
    weights = f"{output}/{task.key}_final.weights"
    after = program.evaluate(data, cfg, weights)
    on_train = program.evaluate(data, cfg, weights, "--part", "train")
    return {
        "minutes": minutes,
        "before": before,
        "after": after,
        "train": on_train,
        "iterations": network.iterations,
        "curve": [
            (record["iteration"], record["ap50"])
            for record in program.log_of(output, task.key)
            if record["type"] == "validation"
        ],
        "pictures": len(coco.pictures("train")),
    }


def measure(program: Program, seeds: list[int], scale: float) -> Result:
    rows, facts, curves = [], [], {}
    for task in TASKS:
        store = program.folder / f"training-{task.key}.json"
        if not store.exists():
            store.write_text(json.dumps(measure_task(program, task, scale, seeds[0])), encoding="utf-8")
        run = json.loads(store.read_text(encoding="utf-8"))
        judged_sets = {"val, random weights": "before", "val, trained": "after", "train, trained": "train"}
        for title, key in judged_sets.items():
            judged = run[key]
            rows.append(
                [task.title, title, judged["pictures"], judged["truths"]]
                + [f"{judged[figure]:.2f}" for figure in ("ap", "ap50", "ap75", "voc07")]
                + [f"{judged['classes'][name]['ap50']:.2f}" for name in ("person", "car")]
            )
        facts.append(
            f"{task.title}: {run['iterations']} iterations of {BATCH} pictures "
            f"({run['iterations'] * BATCH / run['pictures']:.0f} epochs of {run['pictures']}), "
            f"{run['minutes']:.1f} minutes"
        )
        curves[task.title] = [(0, run["before"]["ap50"]), *run["curve"]]
    header = ["classes", "judged on", "pictures", "objects", "AP", "AP50", "AP75", "VOC07", "person AP50", "car AP50"]
    drawn = chart("COCO val while COCO train is learnt", "iteration", "AP50", curves)
    commands = [
        program.commands(f"{task.key}.data", [f"{task.key}-{seeds[0]}-random", f"{task.key}-{seeds[0]}"])
        for task in TASKS
    ]
    text = "\n\n".join([table(header, rows), "; ".join(facts) + ".", *commands])
    return Result(text, {"training.svg": drawn})
