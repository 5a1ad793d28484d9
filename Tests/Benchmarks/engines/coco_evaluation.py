"""Average precision, in percent, of what `lookout detect --json` wrote, by COCO's own evaluation.

usage: coco_evaluation.py LABELS DETECTIONS.json

LABELS holds a Darknet label file for each picture (class, centre and size relative to it). An object's area, by which
COCO sorts small from large, is its box's; crowds are not labelled.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

PERSON, CLASSES = 0, 80


def truths(labels: Path, images: list[dict[str, Any]]) -> dict[str, Any]:
    annotations = []
    for index, image in enumerate(images):
        for line in (labels / f"{Path(image['image']).stem}.txt").read_text().splitlines():
            kind, *relative = line.split()
            x, y, width, height = np.array(relative, float) * np.tile([image["width"], image["height"]], 2)
            box = [x - width / 2, y - height / 2, width, height]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": index,
                    "category_id": int(kind),
                    "bbox": box,
                    "area": width * height,
                    "iscrowd": 0,
                }
            )
    return {
        "images": [{"id": index, "width": one["width"], "height": one["height"]} for index, one in enumerate(images)],
        "categories": [{"id": kind, "name": str(kind)} for kind in range(CLASSES)],
        "annotations": annotations,
    }


def results(images: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "image_id": index,
            "category_id": one["class_id"],
            "bbox": [one["box"][side] for side in "xywh"],
            "score": one["confidence"],
        }
        for index, image in enumerate(images)
        for one in image["detections"]
    ]


def main(labels: Path, detections: Path) -> None:
    images = json.loads(detections.read_text())["images"]
    with contextlib.redirect_stdout(sys.stderr):
        known = COCO()
        known.dataset = truths(labels, images)
        known.createIndex()
        evaluation = COCOeval(known, known.loadRes(results(images)), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    # precision: [overlap thresholds, recalls, classes, areas, detections a picture]
    person = evaluation.eval["precision"][0, :, PERSON, 0, -1]
    figures = {"ap": evaluation.stats[0], "ap50": evaluation.stats[1], "ap75": evaluation.stats[2]}
    figures["person_ap50"] = person[person > -1].mean()
    print(json.dumps({key: 100 * float(value) for key, value in figures.items()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
