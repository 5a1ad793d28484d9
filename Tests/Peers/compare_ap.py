#!/usr/bin/env python3
"""Compares `lookout eval` with other people's evaluations. See README.md here."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

PACKAGES = ["numpy==2.4.6", "pandas==3.1.1", "pycocotools==2.0.11", "mean-average-precision==2024.1.5.0"]
TOLERANCE = 1e-6
COCO_KEYS = [
    "ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large",
    "ar1", "ar10", "ar100", "ar_small", "ar_medium", "ar_large",
]
sys.dont_write_bytecode = True

import peers  # noqa: E402


def coco_figures(truths: dict, answers: list[dict]) -> list[float]:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        data = COCO()
        data.dataset = truths
        data.createIndex()
        judge = COCOeval(data, data.loadRes(answers), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return [100 * float(value) if value >= 0 else None for value in judge.stats]


def voc_figures(truths: dict, answers: list[dict]) -> dict[str, tuple[float, float]]:
    """By class: the average by exact tenths of recall, and the area."""
    import numpy
    from mean_average_precision.mean_average_precision_2d import MeanAveragePrecision2d
    from mean_average_precision.utils import (
        compute_average_precision, compute_average_precision_with_recall_thresholds)

    places = {item["id"]: index for index, item in enumerate(truths["categories"])}
    sizes = {item["id"]: (item["width"], item["height"]) for item in truths["images"]}
    order = sorted(range(len(answers)), key=lambda index: (answers[index]["image_id"], index))
    ranked = sorted(order, key=lambda index: -answers[index]["score"])
    rank = {index: 1 - place / len(answers) for place, index in enumerate(ranked)}
    judge = MeanAveragePrecision2d(len(places))
    for image in sorted(sizes):
        found = [
            [*corners(answers[index]["bbox"], sizes[image]), places[answers[index]["category_id"]], rank[index]]
            for index in order if answers[index]["image_id"] == image
        ]
        marked = [
            [*corners(item["bbox"], None), places[item["category_id"]], 0, 0]
            for item in truths["annotations"] if item["image_id"] == image
        ]
        judge.add(numpy.array(found, float).reshape(-1, 6), numpy.array(marked, float).reshape(-1, 7))
    curves = judge.value(iou_thresholds=0.5)[0.5]
    tenths = numpy.array([tenth / 10 for tenth in range(11)])
    counts = judge.class_counter.sum(axis=0)
    figures = {}
    for item in truths["categories"]:
        place = places[item["id"]]
        if counts[place] == 0:
            continue
        if len(judge.match_table[place]) == 0:
            figures[item["name"]] = (0.0, 0.0)
            continue
        precision, recall = curves[place]["precision"], curves[place]["recall"]
        figures[item["name"]] = (
            100 * float(compute_average_precision_with_recall_thresholds(precision, recall, tenths)),
            100 * float(compute_average_precision(precision, recall)),
        )
    return figures


def corners(box: list[float], size: tuple[int, int] | None) -> list[float]:
    """VOC's pixels: the first is 1. Clipped to the picture where a size is given, as result files are."""
    left, top = box[0] + 1, box[1] + 1
    right, bottom = box[0] + box[2] + 1, box[1] + box[3] + 1
    if size is None:
        return [left, top, right, bottom]
    return [max(left, 1), max(top, 1), min(right, size[0]), min(bottom, size[1])]


class Comparison:
    def __init__(self) -> None:
        self.worst, self.count, self.failures = 0.0, 0, []

    def add(self, what: str, ours: float | None, theirs: float | None) -> None:
        self.count += 1
        if ours is None or theirs is None:
            difference = 0.0 if ours is theirs else float("inf")
        else:
            difference = abs(ours - theirs)
        self.worst = max(self.worst, difference)
        if difference > TOLERANCE:
            self.failures.append(f"{what}: {ours} here, {theirs} there")

    def add_report(self, name: str, report: dict, truths: dict, answers: list[dict], has_voc: bool) -> None:
        for key, value in zip(COCO_KEYS, coco_figures(truths, answers)):
            self.add(f"{name} {key}", report[key], value)
        for label, (eleven, area) in (voc_figures(truths, answers) if has_voc else {}).items():
            self.add(f"{name} {label} voc07", report["classes"][label]["voc07"], eleven)
            self.add(f"{name} {label} voc_area", report["classes"][label]["voc_area"], area)


def png(width: int, height: int) -> bytes:
    """Black."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(
        b"IDAT", zlib.compress((b"\0" * (width + 1)) * height)) + chunk(b"IEND", b"")


def run(lookout: pathlib.Path, *arguments: object) -> dict:
    done = subprocess.run(
        [lookout, "eval", *map(str, arguments), "--json"], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def compare_random(lookout: pathlib.Path, folder: pathlib.Path, comparison: Comparison, seeds: int) -> None:
    import random_boxes

    for seed in range(1, seeds + 1):
        has_crowds = seed % 2 == 1
        truths, answers = random_boxes.make(seed, 40, has_crowds)
        for image in truths["images"]:
            (folder / image["file_name"]).write_bytes(png(image["width"], image["height"]))
        (folder / "truths.json").write_text(json.dumps(truths))
        (folder / "answers.json").write_text(json.dumps(answers))
        report = run(lookout, folder / "truths.json", "--detections", folder / "answers.json")
        comparison.add_report(f"seed {seed}", report, truths, answers, not has_crowds)


def compare_real(lookout: pathlib.Path, data: pathlib.Path, folder: pathlib.Path, comparison: Comparison) -> None:
    pictures = sorted((data / "coco/images/val").glob("*.jpg"))
    names = (data / "models/coco.names").read_text().split("\n")
    (folder / "val.list").write_text("".join(f"{picture}\n" for picture in pictures))
    model = data / "models/yolo-lite-coco"
    (folder / "coco.data").write_text(
        f"classes=80\nvalid={folder}/val.list\nnames={data}/models/coco.names\n")
    gaps = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
    ids = [number for number in range(1, 91) if number not in gaps]
    truths = {"images": [], "annotations": [], "categories": [
        {"id": number, "name": name} for number, name in zip(ids, names)]}
    for picture in pictures:
        width, height = jpeg_size(picture)
        number = int(picture.stem)
        truths["images"].append({"id": number, "width": width, "height": height, "file_name": picture.name})
        label = data / "coco/labels/val" / f"{picture.stem}.txt"
        for line in label.read_text().splitlines() if label.exists() else []:
            category, x, y, w, h = map(float, line.split())
            # To the millionth of a pixel, as there.
            box = [round(value, 6) for value in ((x - w / 2) * width, (y - h / 2) * height, w * width, h * height)]
            truths["annotations"].append({
                "id": len(truths["annotations"]) + 1, "image_id": number, "category_id": ids[int(category)],
                "bbox": box, "area": box[2] * box[3], "iscrowd": 0,
            })
    for size in (224, 416):
        output = folder / f"out{size}"
        report = run(
            lookout, folder / "coco.data", f"{model}.cfg", f"{model}.weights", "--size", size, "--output", output)
        answers = json.loads((output / "coco_results.json").read_text())
        comparison.add_report(f"real {size}", report, truths, answers, True)
        person, car = report["classes"]["person"]["ap50"], report["classes"]["car"]["ap50"]
        print(f"real at {size}: AP {report['ap']:.2f}, AP50 {report['ap50']:.2f}, "
              f"person {person:.2f}, car {car:.2f}")


def jpeg_size(path: pathlib.Path) -> tuple[int, int]:
    data = path.read_bytes()
    place = 2
    while data[place + 1] not in (0xC0, 0xC1, 0xC2):
        place += 2 + int.from_bytes(data[place + 2:place + 4], "big")
    height, width = struct.unpack(">HH", data[place + 5:place + 9])
    return width, height


def print_fixtures() -> None:
    import random_boxes

    for seed, pictures, has_crowds in ((1, 40, True), (2, 40, True), (3, 6, True), (4, 40, False)):
        truths, answers = random_boxes.make(seed, pictures, has_crowds)
        print(seed, pictures, "COCO", [round(value, 7) for value in coco_figures(truths, answers)])
        if not has_crowds:
            print(seed, pictures, "VOC", voc_figures(truths, answers))


def main() -> int:
    peers.enter_environment(*PACKAGES)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lookout", type=pathlib.Path, default=peers.LOOKOUT)
    parser.add_argument("--seeds", type=int, default=20, help="how many random sets")
    parser.add_argument("--print", action="store_true", help="print the figures that the unit tests expect")
    arguments = parser.parse_args()
    if arguments.print:
        print_fixtures()
        return 0
    comparison = Comparison()
    with tempfile.TemporaryDirectory() as folder:
        compare_random(arguments.lookout, pathlib.Path(folder), comparison, arguments.seeds)
        if "LOOKOUT_DATA" in os.environ:
            compare_real(arguments.lookout, pathlib.Path(os.environ["LOOKOUT_DATA"]), pathlib.Path(folder), comparison)
    print("\n".join(comparison.failures))
    print(f"{comparison.count} figures, {len(comparison.failures)} differ; at most {comparison.worst:.1e} apart")
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
