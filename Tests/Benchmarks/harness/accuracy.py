"""Part 6: what int8 costs in accuracy: COCO's AP, and the detections of some well-known pictures side by side."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cache import made_folder, partial
from .environment import Environment, run
from .models import NMS, Model, coco_model, precisions, quantize, small_model, training_pictures
from .report import table

SIZES = (416, 224)
ALL = 0.005  # threshold below which a detection no longer matters to AP
SHOWN = 0.24
OVERLAP = 0.5

# The reference implementation's detections, evaluated in the same way: AP and AP50.
REFERENCE = {416: (4.11, 11.20), 224: (7.42, 18.43)}


def measure(environment: Environment, quick: bool) -> str:
    kinds = precisions(environment)
    pictures = sorted(environment.folder("coco/images/val").glob("*.jpg"))
    known = sorted(environment.folder("images").glob("*.jpg"))
    coco, small = coco_model(environment), small_model(environment)
    if "int8" in kinds:
        for model in (coco, small):
            quantize(environment, model)
    decoded = sorted(_decoded(environment).glob("*.png"))
    rows: list[list[object]] = []
    for size in SIZES[:1] if quick else SIZES:
        rows.append([size, "reference, fp32", *(f"{figure:.2f}" for figure in REFERENCE[size]), "–", "–"])
        programs = [("fp32 from PNG", "fp32", decoded), *((precision, precision, pictures) for precision in kinds)]
        for name, precision, given in programs:
            found = _evaluated(environment, _detect(environment, coco, size, precision, ALL, given))
            figures = (f"{found[key]:.2f}" for key in ("ap", "ap50", "ap75", "person_ap50"))
            rows.append([size, f"Lookout, {name}", *figures])
    text = (
        f"yolo-lite-coco on {len(pictures)} COCO validation pictures, score above {ALL}, NMS {NMS}, evaluated with "
        f"pycocotools; int8 is calibrated with {len(training_pictures(environment))} training pictures. The "
        "reference's figures are of Darknet's own detections. From PNGs that libjpeg decoded, fp32 should come close "
        "to them, which checks this evaluation. From the JPEGs Lookout gets YUV and converts that itself: those rows "
        "differ by the decoding alone, which tells how far AP moves on so few pictures with no loss of precision."
    )
    parts = [text, table(["input", "program", "AP", "AP50", "AP75", "person AP50"], rows)]
    if "int8" not in kinds:
        return "\n\n".join([*parts, "int8 is skipped: this build of Lookout has no `lookout model quantize`."])
    compared = [_compared(environment, model, known) for model in (coco, small)]
    parts.append(
        f"Detections above {SHOWN} in {', '.join(path.stem for path in known)}, {SIZES[0]}x{SIZES[0]}: matched are "
        f"those of the same class that overlap by {OVERLAP} or more."
    )
    head = ["model", "fp32", "int8", "matched", "mean score difference", "largest", "mean overlap"]
    return "\n\n".join([*parts, table(head, compared)])


def _detect(
    environment: Environment, model: Model, size: int, precision: str, threshold: float, pictures: list[Path]
) -> dict[str, Any]:
    """What `lookout detect --json` says of pictures."""
    options: list[object] = ["--cfg", model.cfg, "--weights", model.weights, "--names", model.names]
    options += ["--size", f"{size}x{size}", "--threshold", threshold, "--nms", NMS]
    if precision != "fp32":
        options += ["--precision", precision]
    command = [environment.binary("lookout"), "detect", "--json", *options, *pictures]
    return json.loads(run([str(part) for part in command], "`lookout detect` failed"))


def _decoded(environment: Environment) -> Path:
    out = environment.cache / "coco-val-png"
    return made_folder(out, environment.engine("decoded_pictures", environment.folder("coco/images/val"), partial(out)))


def _evaluated(environment: Environment, detections: dict[str, Any]) -> dict[str, float]:
    file = environment.cache / "detections.json"
    file.write_text(json.dumps(detections))
    labels = environment.folder("coco/labels/val")
    return json.loads(run(environment.engine("coco_evaluation", labels, file), "the evaluation failed"))


@dataclass(frozen=True)
class Match:
    difference: float
    overlap: float


def _compared(environment: Environment, model: Model, pictures: list[Path]) -> list[object]:
    found = [_detect(environment, model, SIZES[0], precision, SHOWN, pictures) for precision in ("fp32", "int8")]
    full, small = ([image["detections"] for image in one["images"]] for one in found)
    matches = [match for one, other in zip(full, small, strict=True) for match in _matches(one, other)]
    counts = [sum(map(len, one)) for one in (full, small)]
    if not matches:
        return [model.name, *counts, 0, "–", "–", "–"]
    differences = [match.difference for match in matches]
    overlap = sum(match.overlap for match in matches) / len(matches)
    mean = sum(differences) / len(matches)
    return [model.name, *counts, len(matches), f"{mean:.4f}", f"{max(differences):.4f}", f"{overlap:.3f}"]


def _matches(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> list[Match]:
    """Each takes the free one that overlaps most, the surest first."""
    free, found = list(other), []
    for detection in one:
        fitting = [candidate for candidate in free if candidate["class_id"] == detection["class_id"]]
        best = max(fitting, key=lambda candidate: _overlap(detection["box"], candidate["box"]), default=None)
        if best and (overlap := _overlap(detection["box"], best["box"])) >= OVERLAP:
            free.remove(best)
            found.append(Match(abs(detection["confidence"] - best["confidence"]), overlap))
    return found


def _overlap(a: dict[str, float], b: dict[str, float]) -> float:
    """Intersection over union."""
    across = min(a["x"] + a["w"], b["x"] + b["w"]) - max(a["x"], b["x"])
    down = min(a["y"] + a["h"], b["y"] + b["h"]) - max(a["y"], b["y"])
    both = max(0.0, across) * max(0.0, down)
    return both / (a["w"] * a["h"] + b["w"] * b["h"] - both) if both else 0.0
