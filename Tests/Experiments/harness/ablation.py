"""Table 2 of the paper at the scale of a toy: each step on top of those before it, on generated pictures."""

from __future__ import annotations

import dataclasses
import json
import statistics

from . import shapes
from .networks import HAND_MADE_ANCHORS, Network
from .program import Program
from .report import Result, chart, spread, table

ITERATIONS = 1200
BATCH = 8
SIZE = 128
SIZES = "96,128,160,192"  # of multi-scale training
JUDGED_SIZES = "64..256"
EXPLANATION = f"""\
Ellipses, triangles, crosses and stars of 15 to 64 pixels and all aspects, among lines and blots, hiding each other,
noisy; 600 to train, 200 to judge, at {SIZE}x{SIZE}. The recall is Darknet's, of all boxes, as `eval` tells it. The
anchors of one size have an area of two cells and aspects from 1:3 to 3:1."""


@dataclasses.dataclass(frozen=True)
class Step:
    key: str
    title: str
    normalized: bool = True
    clustered: bool = True
    passthrough: bool = True
    sizes: str | None = None

    def network(self, anchors: str, scale: float) -> Network:
        return Network(
            classes=len(shapes.NAMES),
            iterations=int(ITERATIONS * scale),
            size=SIZE,
            batch=BATCH,
            anchors=anchors if self.clustered else HAND_MADE_ANCHORS,
            normalized=self.normalized,
            passthrough=self.passthrough,
        )


STEPS = [
    Step("base", "Anchors of one size, no batch norm", normalized=False, clustered=False, passthrough=False),
    Step("norm", "+ batch norm", clustered=False, passthrough=False),
    Step("anchors", "+ k-means anchors", passthrough=False),
    Step("pass", "+ passthrough"),
    Step("multi", "+ multi-scale", sizes=SIZES),
]


def prepare(program: Program, scale: float) -> None:
    if not (program.folder / "shapes.data").exists():
        shapes.make(program.folder, train=600, test=200)
    anchors, _ = program.anchors("shapes.data", SIZE)
    for step in STEPS:
        (program.folder / f"{step.key}.cfg").write_text(step.network(anchors, scale).cfg(), encoding="utf-8")


def train_and_judge(program: Program, step: Step, seed: int) -> dict:
    output = f"{step.key}-{seed}"
    options = ["--sizes", step.sizes] if step.sizes else []
    minutes = program.train(
        "shapes.data", f"{step.key}.cfg", output, "--seed", seed, "--validate-every", 0, *options
    )
    weights = f"{output}/{step.key}_final.weights"
    sizes = f"{SIZE}" if step.key not in ("pass", "multi") else JUDGED_SIZES
    judged = program.evaluate("shapes.data", f"{step.key}.cfg", weights, "--sizes", sizes)
    return {"minutes": minutes, "judged": judged}


def runs(program: Program, seeds: list[int], scale: float) -> dict[tuple[str, int], dict]:
    """Runs what has no result in the folder yet: an interrupted measurement goes on."""
    prepare(program, scale)
    done = {}
    for seed in seeds:
        for step in STEPS:
            store = program.folder / f"{step.key}-{seed}.json"
            if not store.exists():
                store.write_text(json.dumps(train_and_judge(program, step, seed)), encoding="utf-8")
            done[step.key, seed] = json.loads(store.read_text(encoding="utf-8"))
    return done


def measure(program: Program, seeds: list[int], scale: float) -> Result:
    result = told(runs(program, seeds, scale), seeds)
    first = program.commands("shapes.data", [f"{step.key}-{seeds[0]}" for step in STEPS])
    shown = {"shapes.jpg": program.batch("shapes.data", f"{STEPS[-1].key}.cfg")}
    return Result(f"{EXPLANATION}\n\n{result.text}\n\nThe first seed's commands:\n\n{first}", shown)


def measure_sizes(program: Program, seeds: list[int], scale: float) -> Result:
    return sizes_told(runs(program, seeds, scale), seeds)


def at_size(run: dict, size: int) -> dict:
    return next(judged for judged in run["judged"]["sizes"] if judged["width"] == size)


def told(done: dict, seeds: list[int]) -> Result:
    rows = []
    for step in STEPS:
        judged = [at_size(done[step.key, seed], SIZE) for seed in seeds]
        columns = [spread([one[key] for one in judged]) for key in ("ap50", "ap", "ap75")]
        recall = spread([one["proposals"]["recall"] for one in judged])
        minutes = spread([done[step.key, seed]["minutes"] for seed in seeds])
        rows.append([step.title, *columns, recall, ", ".join(f"{one['ap50']:.1f}" for one in judged), minutes])
    header = ["", "AP50", "AP", "AP75", "recall", "AP50 of each seed", "minutes a run"]
    return Result(table(header, rows))


def sizes_told(done: dict, seeds: list[int]) -> Result:
    """The last two steps at every size: what multi-scale training does to the speed-accuracy curve."""
    titles = {"pass": f"trained at {SIZE}", "multi": f"trained at {SIZES.replace(',', ', ')}"}
    sizes = [judged["width"] for judged in done["multi", seeds[0]]["judged"]["sizes"]]
    rows, curves = [], {}
    for size in sizes:
        row: list[object] = [size]
        for key, title in titles.items():
            judged = [at_size(done[key, seed], size) for seed in seeds]
            row += [spread([one[name] for one in judged]) for name in ("ap50", "ap")]
            curves.setdefault(title, []).append((size, statistics.fmean(one["ap50"] for one in judged)))
        row.append(round(min(at_size(run, size)["ms_per_picture"] for key, run in done.items() if key[0] in titles), 1))
        rows.append(row)
    figures = [f"{name}, {title}" for title in titles.values() for name in ("AP50", "AP")]
    header = ["size", *figures, "ms a picture (least)"]
    drawn = chart("One size and several in training", "size judged at", "AP50, mean of the seeds", curves)
    return Result(table(header, rows), {"sizes.svg": drawn})
