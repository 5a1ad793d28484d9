"""The models that are measured, with what Lookout needs of them in the cache folder."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from .cache import made, partial
from .environment import Environment

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
    made(weights, environment.engine("darknet_model", cfg, partial(weights)))
    return Model(name, cfg, weights, environment.file("models/voc.names"), threshold=0.6)


def small_model(environment: Environment) -> Model:
    """A small trained model. It finds little in the car video above 0.25, so 0.1 gives 1 or 2 boxes a frame."""
    return _trained(environment, "yolo-lite-voc", "voc.names", threshold=0.1)


def coco_model(environment: Environment) -> Model:
    """The small trained model whose accuracy is measured."""
    return _trained(environment, "yolo-lite-coco", "coco.names", threshold=0.24)


def _trained(environment: Environment, name: str, names: str, threshold: float) -> Model:
    """In the cache, where its int8 form can stand beside the weights."""
    weights = environment.cache / f"{name}.weights"
    if not weights.exists():
        shutil.copyfile(environment.file(f"models/{name}.weights"), partial(weights))
        partial(weights).rename(weights)
    cfg, names_file = environment.file(f"models/{name}.cfg"), environment.file(f"models/{names}")
    return Model(name, cfg, weights, names_file, threshold)


def precisions(environment: Environment) -> list[str]:
    """What this build of Lookout computes in."""
    return ["fp32", "int8"] if "quantize" in environment.help("model") else ["fp32"]


def quantize(environment: Environment, model: Model) -> Path:
    """Makes the file beside the weights with which Lookout computes in int8, calibrated with training pictures."""
    out = model.weights.with_suffix(".int8")
    if not out.exists():
        pictures = training_pictures(environment)
        options = ["--cfg", model.cfg, "--weights", model.weights, "--output", partial(out)]
        made(out, [str(part) for part in (environment.binary("lookout"), "model", "quantize", *pictures, *options)])
    return out


def training_pictures(environment: Environment) -> list[Path]:
    return sorted(environment.folder("coco/images/train").glob("*.jpg"))
