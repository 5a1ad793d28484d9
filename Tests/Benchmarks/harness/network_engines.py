"""Who takes part in part 1: the command of each engine for a network, a size, a batch and a number of threads."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from .environment import Environment, cpu_flags
from .models import Model
from .peer_models import ncnn_files, onnx_file, onnx_int8_file, openvino_int8_file

HINTS = {"latency": " (L)", "throughput": " (T)"}


@dataclass(frozen=True)
class Contender:
    engine: str
    precision: str
    command: list[str]
    mark: str = ""  # which of an engine's settings it is
    gives_output: bool = True

    @property
    def name(self) -> str:
        return self.engine + self.mark


def contenders(
    environment: Environment, model: Model, size: tuple[int, int], batch: int, threads: int
) -> list[Contender]:
    setting = (*size, batch, threads)

    def peer(engine: str, precision: str, worker: str, *files: object, mark: str = "") -> Contender:
        command = environment.engine("network_worker", worker, *files, *setting)
        return Contender(engine, precision, command, mark, gives_output=worker != "darknet")

    found = [_lookout(environment, model, setting, precision) for precision in ("fp32", "int8")]
    onnx, openvino_int8 = onnx_file(environment, model, *size), openvino_int8_file(environment, model, *size)
    # On one thread both hints come to the same.
    for hint, mark in HINTS.items() if threads > 1 else [("latency", "")]:
        found.append(peer("OpenVINO", "fp32", f"openvino-{hint}", onnx, mark=mark))
        found.append(peer("OpenVINO", "int8", f"openvino-default-{hint}", openvino_int8, mark=mark))
        if cpu_flags() & {"avx512_bf16", "amx_bf16"}:
            found.append(peer("OpenVINO", "bf16", f"openvino-default-{hint}", onnx, mark=mark))
    found += [
        peer("ONNX Runtime", "fp32", "onnxruntime", onnx),
        peer("ONNX Runtime", "int8", "onnxruntime", onnx_int8_file(environment, model, *size)),
        peer("ncnn", "fp32", "ncnn", *ncnn_files(environment, model, *size, int8=False)),
        peer("ncnn", "int8", "ncnn", *ncnn_files(environment, model, *size, int8=True)),
        peer("OpenCV DNN", "fp32", "opencv", model.cfg, model.weights),
    ]
    if "torch" in environment.versions:
        found.append(peer("PyTorch", "fp32", "torch", model.cfg, model.weights))
    # Debian's Darknet has neither threads nor, in `darknet speed`, batches; it takes seconds a frame.
    if (batch, threads) == (1, 1) and shutil.which("darknet"):
        found.append(peer("Darknet", "fp32", "darknet", model.cfg))
    return found


def missing(environment: Environment) -> list[str]:
    """The peers that could not be had, in words."""
    found = []
    if "torch" not in environment.versions:
        found.append("PyTorch is missing: its index of CPU packages could not be reached when the peers were installed")
    if not shutil.which("darknet"):
        found.append("Darknet is missing: there is no program `darknet` (Debian's package of that name)")
    return found


def _lookout(environment: Environment, model: Model, setting: tuple[int, ...], precision: str) -> Contender:
    kernels = {"fp32": "throughput", "int8": "int8"}[precision]
    command = [environment.binary("network-bench"), model.cfg, model.weights, *setting, kernels]
    return Contender("Lookout", precision, [str(part) for part in command], gives_output=False)
