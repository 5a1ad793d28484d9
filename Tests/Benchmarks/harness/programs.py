"""Whole programs that take a recording and write a line of JSON a frame and, if asked, the annotated video."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .environment import Environment
from .models import NMS, SIZE, Model, precisions
from .peer_models import onnx_file, openvino_int8_file


@dataclass(frozen=True)
class Task:
    model: Model
    video: Path
    events: str  # a file
    annotated: Path | None = None


@dataclass(frozen=True)
class Program:
    name: str
    precision: str
    command: Callable[[Task], list[str]]


def programs(environment: Environment) -> list[Program]:
    """Lookout first. int8 where this build of Lookout has it, and of the peers always."""
    found = [
        Program("Lookout", precision, partial(lookout_command, environment, precision=precision))
        for precision in precisions(environment)
    ]
    found.append(Program("OpenCV script", "fp32", partial(_opencv_command, environment)))
    for precision in ("fp32", "int8"):
        for name, script in (("OpenVINO + OpenCV", "openvino_process"), ("OpenVINO + GStreamer", "gstreamer_process")):
            command = partial(_openvino_command, environment, script=script, precision=precision)
            found.append(Program(name, precision, command))
    return found


def lookout_command(environment: Environment, task: Task, precision: str = "fp32") -> list[str]:
    model = task.model
    options: dict[str, object] = {
        "--events": "-" if task.events == "/dev/stdout" else task.events,
        "--cfg": model.cfg,
        "--weights": model.weights,
        "--names": model.names,
        "--size": f"{SIZE}x{SIZE}",
        "--resize": "stretch",
        "--threshold": model.threshold,
        "--nms": NMS,
    }
    if precision != "fp32":
        options["--precision"] = precision
    if task.annotated:
        options["--video"] = task.annotated
    arguments = [str(part) for option in options.items() for part in option]
    return [str(environment.binary("lookout")), "process", str(task.video), *arguments]


def _opencv_command(environment: Environment, task: Task) -> list[str]:
    model = task.model
    files = (model.opencv_cfg(environment), model.weights, model.names, task.video, task.events)
    return environment.engine("opencv_process", *files, SIZE, model.threshold, NMS, *_annotated(task))


def _openvino_command(environment: Environment, task: Task, script: str, precision: str) -> list[str]:
    model = task.model
    network = {"fp32": onnx_file, "int8": openvino_int8_file}[precision](environment, model, SIZE, SIZE)
    files = (model.cfg, network, model.names, task.video, task.events)
    return environment.engine(script, *files, SIZE, model.threshold, NMS, precision, *_annotated(task))


def _annotated(task: Task) -> list[Path]:
    return [task.annotated] if task.annotated else []
