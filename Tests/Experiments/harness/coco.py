"""The COCO pictures of LOOKOUT_DATA: lists and .data files of them."""

from __future__ import annotations

import os
import pathlib

from .program import ExperimentError

Box = tuple[int, float, float, float, float]  # class, then centre and size relative to the picture


def folder() -> pathlib.Path:
    data = os.environ.get("LOOKOUT_DATA")
    if not data or not (pathlib.Path(data) / "coco/images/train").is_dir():
        raise ExperimentError("LOOKOUT_DATA must name the folder of test data that has coco/images/train")
    return pathlib.Path(data)


def pictures(part: str) -> list[pathlib.Path]:
    return sorted((folder() / "coco/images" / part).glob("*.jpg"))


def boxes(picture: pathlib.Path) -> list[Box]:
    label = folder() / "coco/labels" / picture.parent.name / f"{picture.stem}.txt"
    if not label.exists():
        return []
    lines = [line.split() for line in label.read_text(encoding="utf-8").splitlines()]
    return [(int(words[0]), *(float(word) for word in words[1:5])) for words in lines if words]


def names() -> list[str]:
    return (folder() / "models/coco.names").read_text(encoding="utf-8").split("\n")[:80]


def write_data(path: pathlib.Path, train: list[pathlib.Path], valid: list[pathlib.Path], classes: list[str]) -> None:
    """PATH.data with its lists and names beside it."""
    stem = path.with_suffix("")
    lists = {"train": train, "valid": valid}
    for part, files in lists.items():
        pathlib.Path(f"{stem}.{part}.txt").write_text("".join(f"{file}\n" for file in files), encoding="utf-8")
    pathlib.Path(f"{stem}.names").write_text("".join(f"{name}\n" for name in classes), encoding="utf-8")
    path.write_text(
        f"classes={len(classes)}\ntrain={stem.name}.train.txt\nvalid={stem.name}.valid.txt\nnames={stem.name}.names\n",
        encoding="utf-8",
    )
