"""The models that are measured, with the files that their engines need made in the cache folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .environment import Environment, run

SIZE = 416
NMS = 0.45


@dataclass(frozen=True)
class Model:
    name: str
    cfg: Path
    weights: Path
    names: Path
    threshold: float

    def opencv_cfg(self, environment: Environment) -> Path:
        """A copy for OpenCV, whose region layer drops all scores below the cfg's `thresh` whatever the caller asks."""
        copy = environment.cache / f"{self.name}.opencv.cfg"
        copy.write_text(re.sub(r"(?m)^\s*thresh\s*=.*$", f"thresh={self.threshold}", self.cfg.read_text()))
        return copy


def random_model(environment: Environment, name: str) -> Model:
    """An official architecture with reproducible random weights. At 0.6 they still give 2 or 3 boxes a frame."""
    cfg, weights = environment.file(f"darknet/{name}.cfg"), environment.cache / f"{name}.random.weights"
    _make(weights, environment.engine("darknet_model", cfg, partial(weights)))
    return Model(name, cfg, weights, environment.file("models/voc.names"), threshold=0.6)


def small_model(environment: Environment) -> Model:
    """A small trained model. It finds little in the car video above 0.25, so 0.1 gives 1 or 2 boxes a frame."""
    cfg, weights, names = (
        environment.file(f"models/{file}") for file in ("yolo-lite-voc.cfg", "yolo-lite-voc.weights", "voc.names")
    )
    return Model("yolo-lite-voc", cfg, weights, names, threshold=0.1)


def onnx_file(environment: Environment, model: Model) -> Path:
    out = environment.cache / f"{model.name}.{SIZE}.onnx"
    _make(out, environment.engine("onnx_export", model.cfg, model.weights, SIZE, SIZE, partial(out)))
    return out


def clip(environment: Environment, name: str, *arguments: str) -> Path:
    """A clip of the car video made by ffmpeg, whose arguments stand before and after the input."""
    source, out = environment.file("videos/car-detection.mp4"), environment.cache / f"{name}.mp4"
    split = arguments.index("INPUT")
    head, tail = arguments[:split], arguments[split + 1 :]
    command = ["ffmpeg", "-v", "error", "-y", *head, "-i", str(source), "-an", *tail, "-f", "mp4", str(partial(out))]
    _make(out, command)
    return out


def partial(path: Path) -> Path:
    return path.with_name(path.name + ".partial")


def _make(path: Path, command: list[str]) -> None:
    """Makes a cached file by a command that writes its partial name: an interrupted run leaves nothing half done."""
    if path.exists():
        return
    run(command, f"it should have made {path}")
    partial(path).rename(path)
