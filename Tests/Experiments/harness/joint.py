"""YOLO9000's joint training: are species without a single box found, and named, thanks to pictures without boxes?"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import statistics

from . import kinds
from .networks import Network
from .program import Program
from .report import Result, spread, table

SIZE = 128
BATCH = 8
ITERATIONS = 2600
RUNS = {"detection": "detection data only", "joint": "joint"}
SETTINGS = {  # title, and whether detection pictures show the species that no box names
    "shown": ("Detection pictures show every species; half of them are boxed by their kind's name only", True),
    "hidden": ("Detection pictures lack these species: a coat there speaks for a wrong kind", False),
}
SHARE = 0.5  # of the samples of joint training that have boxes
THRESHOLD = 0.25
EXPLANATION = f"""\
Beasts, cars and houses with four coats each: 3 kinds over 12 species. 600 detection pictures have boxes that name the
kind (a third of them, as COCO's `dog` does) or one of 6 species; 720 classification pictures without boxes name all
12 species (60 each). Judged on 200 pictures of all species, apart for the 6 that no box names. Found: a detection
above {THRESHOLD} overlaps the object by half or more (IoU); the surest one names it. Shares are of all objects, found
or not. By chance, 8 % of what is found would have the right species and 33 % the right kind. `eval` with the map to
the 12 species gives the AP."""
OVERLAP = 0.5
HIER = {"0.5": "where the walk is sure (--hier 0.5)", "0": "always a species (--hier 0)"}


def overlap(a: tuple, b: tuple) -> float:
    """IoU of boxes by their left, top, width and height."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0
    return width * height / (a[2] * a[3] + b[2] * b[3] - width * height)


def truths(folder: pathlib.Path, image: str) -> list[tuple[int, tuple]]:
    label = folder / image.replace("images", "labels").replace(".png", ".txt")
    found = []
    for text in label.read_text(encoding="utf-8").splitlines():
        species, x, y, width, height = (float(word) for word in text.split())
        found.append((int(species), (x - width / 2, y - height / 2, width, height)))
    return found


def names_given(program: Program, cfg: str, weights: str, hier: str) -> list[tuple[int, int | None]]:
    """The species of each object of the test pictures, with the node that the surest overlapping detection names."""
    images = (program.folder / "kinds.test.txt").read_text(encoding="utf-8").split()
    told = program.run(
        "detect", *images, "--cfg", cfg, "--weights", weights, "--hier", hier, "--threshold", THRESHOLD,
        "--nms-kind", "objectness", "--threads", program.threads, "--json",
        pattern="kinds/images/test/*.png",
    )  # fmt: skip
    given = []
    for record in json.loads(told)["images"]:
        detections = sorted(record["detections"], key=lambda detection: -detection["confidence"])
        for species, box in truths(program.folder, record["image"]):
            boxes = [tuple(detection["box_norm"][side] for side in "xywh") for detection in detections]
            hit = next((number for number, other in enumerate(boxes) if overlap(box, other) >= OVERLAP), None)
            given.append((species, None if hit is None else detections[hit]["class_id"]))
    return given


def shares(given: list[tuple[int, int | None]], species: list[int]) -> dict[str, float]:
    """In percent of the objects of these species."""
    nodes = [(len(kinds.KINDS) + own, node) for own, node in given if own in species]
    found = [(own, node) for own, node in nodes if node is not None]

    def kind(node: int) -> int:
        return node if kinds.PARENTS[node] < 0 else kinds.PARENTS[node]

    return {
        "objects": len(nodes),
        "found": 100 * len(found) / len(nodes),
        "kind": 100 * sum(kind(own) == kind(node) for own, node in found) / len(nodes),
        "species": 100 * sum(own == node for own, node in found) / len(nodes),
        "wrong": 100 * sum(kinds.PARENTS[node] >= 0 and own != node for own, node in found) / len(nodes),
    }


def measure_run(program: Program, run: str, scale: float, seed: int) -> dict:
    anchors, _ = program.anchors("kinds-detection.data", SIZE)
    network = Network(
        classes=len(kinds.NODES),
        iterations=int(ITERATIONS * scale),
        size=SIZE,
        batch=BATCH,
        anchors=anchors,
        passthrough=True,
        tree="kinds.tree",
    )
    (program.folder / f"kinds-{run}.cfg").write_text(network.cfg(), encoding="utf-8")
    cfg, output = f"kinds-{run}.cfg", f"kinds-{run}-{seed}"
    options = ["--detection-share", SHARE] if run == "joint" else []
    minutes = program.train(
        f"kinds-{run}.data", cfg, output, "--seed", seed, "--validate-every", 0, *options
    )
    weights = f"{output}/kinds-{run}_final.weights"
    judged = program.evaluate("kinds-test.data", cfg, weights, "--map", "kinds.species.map")
    by_hier = {hier: names_given(program, cfg, weights, hier) for hier in HIER}
    return {"minutes": minutes, "judged": judged, "given": by_hier, "iterations": network.iterations}


def measure(program: Program, seeds: list[int], scale: float) -> Result:
    sections = []
    for setting, (title, shown) in SETTINGS.items():
        folder = program.folder / setting
        if not (folder / "kinds-test.data").exists():
            kinds.make(folder, shown)
        inside = dataclasses.replace(program, folder=folder)
        done = {}
        for seed in seeds:
            for run in RUNS:
                store = folder / f"{run}-{seed}.json"
                if not store.exists():
                    store.write_text(json.dumps(measure_run(inside, run, scale, seed)), encoding="utf-8")
                done[run, seed] = json.loads(store.read_text(encoding="utf-8"))
        first = inside.commands("kinds-detection.data", [f"kinds-{run}-{seeds[0]}" for run in RUNS])
        sections.append(f"### {title}\n\n{told(done, seeds)}\n\n{first}")
    shown = inside.batch("kinds-joint.data", "kinds-joint.cfg", "--detection-share", SHARE)
    return Result("\n\n".join([EXPLANATION, *sections]), {"kinds.jpg": shown})


def told(done: dict, seeds: list[int]) -> str:
    rows = []
    for title, species in (("no boxes", kinds.UNBOXED_SPECIES), ("boxes", kinds.BOXED_SPECIES)):
        for run, run_title in RUNS.items():
            for hier, hier_title in HIER.items():
                measured = [shares(done[run, seed]["given"][hier], species) for seed in seeds]
                columns = [spread([one[key] for one in measured]) for key in ("found", "kind", "species", "wrong")]
                rows.append([title, run_title, hier_title, int(measured[0]["objects"]), *columns])
    header = ["species with", "trained on", "named", "objects", "found %", "right kind %", "right species %"]
    header.append("wrong species %")
    ap_rows = []
    for run, title in RUNS.items():
        classes = [done[run, seed]["judged"]["classes"] for seed in seeds]
        row: list[object] = [title]
        for species in (kinds.UNBOXED_SPECIES, kinds.BOXED_SPECIES):
            names = [kinds.NODES[len(kinds.KINDS) + number] for number in species]
            for key in ("ap50", "ap"):
                row.append(spread([statistics.fmean(one[name][key] for name in names) for one in classes]))
        ap_rows.append([*row, spread([done[run, seed]["minutes"] for seed in seeds])])
    ap_header = ["trained on", "AP50 without boxes", "AP without boxes", "AP50 with boxes", "AP with boxes", "minutes"]
    return table(header, rows) + "\n\n" + table(ap_header, ap_rows)
