"""The same models in the peers' forms: ONNX, ONNX int8 (QDQ), OpenVINO int8 (NNCF), ncnn and ncnn int8."""

from __future__ import annotations

from pathlib import Path

from .cache import made, made_folder, partial
from .environment import Environment
from .models import Model

CALIBRATION = 16  # training pictures; more change the scales a little and the speed not at all


def onnx_file(environment: Environment, model: Model, width: int, height: int) -> Path:
    out = environment.cache / f"{model.name}.{width}x{height}.onnx"
    return made(out, environment.engine("onnx_export", model.cfg, model.weights, width, height, partial(out)))


def onnx_int8_file(environment: Environment, model: Model, width: int, height: int) -> Path:
    source, images = onnx_file(environment, model, width, height), _images(environment, width, height)
    out = source.with_suffix(".int8.onnx")
    return made(out, environment.engine("onnx_int8", source, images, partial(out)))


def openvino_int8_file(environment: Environment, model: Model, width: int, height: int) -> Path:
    source, images = onnx_file(environment, model, width, height), _images(environment, width, height)
    out = source.with_suffix(".openvino-int8")
    return made_folder(out, environment.engine("openvino_int8", source, images, partial(out))) / "model.xml"


def ncnn_files(environment: Environment, model: Model, width: int, height: int, int8: bool) -> tuple[Path, Path]:
    out = environment.cache / f"{model.name}.{width}x{height}.ncnn{'-int8' if int8 else ''}"
    calibration = (onnx_file(environment, model, width, height), _images(environment, width, height)) if int8 else ()
    arguments = (model.cfg, model.weights, width, height, partial(out), *calibration)
    made_folder(out, environment.engine("ncnn_export", *arguments))
    return out / "model.param", out / "model.bin"


def _images(environment: Environment, width: int, height: int) -> Path:
    out = environment.cache / f"calibration.{width}x{height}.npy"
    folder = environment.folder("coco/images/train")
    return made(out, environment.engine("calibration", folder, width, height, CALIBRATION, partial(out)))
