#!/usr/bin/env python3
"""Compares the detections of weights that `lookout train` made with those of OpenCV and Darknet. See README.md here."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass

sys.dont_write_bytecode = True

import peers  # noqa: E402

# OpenCV 5 no longer reads Darknet's files.
PACKAGES = ["numpy==2.4.6", "opencv-python-headless==4.14.0.94"]
WIDTH, HEIGHT, BATCH = 160, 128, 8
ITERATIONS = 150
THRESHOLD = 0.05
# Lookout's records have four and one decimals.
SCORE_TOLERANCE, PIXEL_TOLERANCE = 5e-4, 0.2
OPENCV_NMS, DARKNET_NMS = 0.4, 0.45  # neither can be told another


@dataclass
class Found:
    picture: str
    class_id: int
    score: float
    corners: list[float]  # pixels: left, top, right, bottom

    def clipped(self, width: int, height: int, first: int = 0) -> Found:
        """To a picture whose pixels begin at `first`."""
        corners = [max(first, min(corner, most)) for corner, most in zip(self.corners, [width, height] * 2)]
        return Found(self.picture, self.class_id, self.score, corners)

    def moved(self, distance: int) -> Found:
        return Found(self.picture, self.class_id, self.score, [corner + distance for corner in self.corners])


def run(*command: object, cwd: pathlib.Path | None = None) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=cwd)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} {command[1]} ended with {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def make_pictures(data: pathlib.Path, folder: pathlib.Path) -> tuple[list[pathlib.Path], list[pathlib.Path]]:
    """Those to learn, and these with as many unknown ones. PNG, so that no two decoders differ."""
    import cv2
    import numpy

    def is_whole(image) -> bool:
        """Letterboxed by Darknet, some heights lose their last row to rounding."""
        rows, columns = image.shape[:2]
        below = rows * WIDTH // columns - 1 if WIDTH * rows < HEIGHT * columns else HEIGHT - 1
        return below * (numpy.float32(rows - 1) / numpy.float32(below)) >= rows - 1

    found = []
    for part, most in (("train", BATCH), ("val", 2 * BATCH)):
        for source in sorted((data / "coco/images" / part).glob("*.jpg")):
            label = data / "coco/labels" / part / f"{source.stem}.txt"
            if len(found) == most or not label.exists() or not 1 <= len(label.read_text().splitlines()) <= 6:
                continue
            image = cv2.imread(str(source))
            if not is_whole(image):
                continue
            shutil.copyfile(label, folder / "labels" / label.name)
            found.append(folder / "images" / f"{source.stem}.png")
            cv2.imwrite(str(found[-1]), image)
    return found[:BATCH], found


def train(lookout: pathlib.Path, folder: pathlib.Path, pictures: list[pathlib.Path]) -> tuple[pathlib.Path, ...]:
    (folder / "train.list").write_text("".join(f"{picture}\n" for picture in pictures))
    cfg = folder / "small.cfg"
    net = {"batch": BATCH, "subdivisions": 1, "width": WIDTH, "height": HEIGHT, "learning_rate": 0.001, "momentum": 0.9,
           "decay": 0.0005, "max_batches": ITERATIONS}
    region = {"bias_match": 1, "softmax": 1, "rescore": 1, "thresh": 0.6, "object_scale": 5}
    cfg.write_text(peers.cfg(net, region))
    run(lookout, "train", folder / "train.list", cfg, "--no-augment", "--order", "shuffled", "--validate-every", 0,
        "--output", folder, "--quiet")
    # OpenCV drops what is below the cfg's own threshold.
    opencv_cfg = folder / "opencv.cfg"
    opencv_cfg.write_text(peers.cfg(net, region | {"thresh": THRESHOLD}))
    return cfg, opencv_cfg, folder / "small_final.weights"


def lookout_detections(
    lookout: pathlib.Path, cfg: pathlib.Path, weights: pathlib.Path, data: pathlib.Path,
    pictures: list[pathlib.Path], resize: str, nms: float
) -> list[Found]:
    report = json.loads(run(
        lookout, "detect", *pictures, "--cfg", cfg, "--weights", weights, "--names", data / "models/coco.names",
        "--json", "--threshold", THRESHOLD, "--nms", nms, "--resize", resize))
    found = []
    for picture, image in zip(pictures, report["images"], strict=True):
        for item in image["detections"]:
            x, y, w, h = (item["box"][key] for key in "xywh")
            found.append(Found(picture.stem, item["class_id"], item["confidence"], [x, y, x + w, y + h]))
    return found


def picture_size(picture: pathlib.Path) -> tuple[int, int]:
    import cv2

    return cv2.imread(str(picture)).shape[1::-1]


def opencv_detections(cfg: pathlib.Path, weights: pathlib.Path, pictures: list[pathlib.Path]) -> list[Found]:
    """Its region layer decodes and suppresses by itself."""
    import cv2
    import numpy

    network, found = cv2.dnn.readNetFromDarknet(str(cfg), str(weights)), []
    for picture in pictures:
        image = cv2.imread(str(picture))
        height, width = image.shape[:2]
        planes = peers.resized(image[:, :, ::-1], WIDTH, HEIGHT).transpose(2, 0, 1)
        network.setInput(numpy.ascontiguousarray(planes[None], "f4"))
        for x, y, w, h, _, *scores in network.forward().tolist():
            box = [(x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height]
            found += [
                Found(picture.stem, label, score, box).clipped(width, height)
                for label, score in enumerate(scores) if score > THRESHOLD]
    return found


def darknet_detections(
    darknet: str, cfg: pathlib.Path, weights: pathlib.Path, data: pathlib.Path, pictures: list[pathlib.Path],
    folder: pathlib.Path
) -> list[Found]:
    """`detector valid` writes boxes, in VOC's pixels."""
    (folder / "results").mkdir()
    (folder / "valid.list").write_text("".join(f"{picture}\n" for picture in pictures))
    (folder / "darknet.data").write_text(
        f"classes={peers.CLASSES}\nvalid={folder}/valid.list\nnames={data}/models/coco.names\n"
        f"results={folder}/results\neval=voc\n")
    run(darknet, "detector", "valid", folder / "darknet.data", cfg, weights, cwd=folder)
    names = (data / "models/coco.names").read_text().splitlines()
    found = []
    for label, name in enumerate(names):
        for line in (folder / "results" / f"comp4_det_test_{name}.txt").read_text().splitlines():
            picture, *numbers = line.split()
            score, *corners = map(float, numbers)
            if score > THRESHOLD:
                found.append(Found(picture, label, score, corners))
    return found


def compare(name: str, ours: list[Found], theirs: list[Found]) -> bool:
    """Each of ours with the nearest of theirs; who stands alone may only be about as sure as the threshold."""
    rest, alone = list(theirs), []
    score_apart, pixels_apart = 0.0, 0.0
    for item in sorted(ours, key=lambda item: -item.score):
        alike = [other for other in rest if (other.picture, other.class_id) == (item.picture, item.class_id)]
        near = min(alike, key=lambda other: distance(item, other), default=None)
        if near is None or distance(item, near) > PIXEL_TOLERANCE:
            alone.append(("here", item))
            continue
        rest.remove(near)
        score_apart = max(score_apart, abs(item.score - near.score))
        pixels_apart = max(pixels_apart, distance(item, near))
    alone += [("there", item) for item in rest]
    failures = [(where, item) for where, item in alone if item.score > THRESHOLD + SCORE_TOLERANCE]
    for where, item in failures:
        print(f"  only {where}: {item}")
    print(
        f"{name}: {len(ours)} detections here, {len(theirs)} there, {len(alone)} alone, {len(failures)} of them surer "
        f"than the threshold; scores at most {score_apart:.1e} apart, corners {pixels_apart:.2f} pixels")
    return len(ours) >= 2 * BATCH and not failures and score_apart <= SCORE_TOLERANCE


def distance(item: Found, other: Found) -> float:
    return max(abs(a - b) for a, b in zip(item.corners, other.corners))


def main() -> int:
    peers.enter_environment(*PACKAGES)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lookout", type=pathlib.Path, default=peers.LOOKOUT)
    parser.add_argument("--darknet", default=shutil.which("darknet"), help="default: the one on the PATH")
    arguments = parser.parse_args()
    if "LOOKOUT_DATA" not in os.environ:
        parser.error("LOOKOUT_DATA must name the test data")
    data, lookout = pathlib.Path(os.environ["LOOKOUT_DATA"]), arguments.lookout.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for part in ("images", "labels"):
            (folder / part).mkdir()
        learnt, pictures = make_pictures(data, folder)
        cfg, opencv_cfg, weights = train(lookout, folder, learnt)
        ours = lookout_detections(lookout, cfg, weights, data, pictures, "stretch", OPENCV_NMS)
        holds = compare("OpenCV, stretched", ours, opencv_detections(opencv_cfg, weights, pictures))
        if not arguments.darknet:
            print("Darknet is left out: no such program (Debian's package darknet)")
            return 0 if holds else 1
        ours = lookout_detections(lookout, cfg, weights, data, pictures, "letterbox", DARKNET_NMS)
        theirs = darknet_detections(arguments.darknet, cfg, weights, data, pictures, folder)
        # VOC's pixels begin at 1, and Darknet clips each side of a box at one edge only.
        sizes = {picture.stem: picture_size(picture) for picture in pictures}
        ours = [item.moved(1).clipped(*sizes[item.picture], first=1) for item in ours]
        theirs = [item.clipped(*sizes[item.picture], first=1) for item in theirs]
        holds = compare("Darknet, letterboxed", ours, theirs) and holds
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
