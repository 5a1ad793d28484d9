"""Keeps one peer engine loaded and times its forward pass, like network-bench does for Lookout.

usage: network_worker.py onnxruntime MODEL.onnx    WIDTH HEIGHT THREADS
       network_worker.py opencv      CFG WEIGHTS   WIDTH HEIGHT THREADS

Prints `ready ...`, then answers a line on stdin: `run N` with N times in ms, `output FILE.npy` with `saved`, `quit`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

Forward = Callable[[np.ndarray], np.ndarray]


def onnxruntime_engine(model: str, threads: int) -> tuple[Forward, str]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return lambda image: session.run(None, {"image": image})[0], f"ONNX Runtime {onnxruntime.__version__}"


def opencv_engine(cfg: str, weights: str, threads: int) -> tuple[Forward, str]:
    import cv2

    cv2.setNumThreads(threads)
    network = cv2.dnn.readNetFromDarknet(cfg, weights)
    network.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    network.setPreferableTarget(cv2.dnn.DNN_TARGET_CPU)
    # The others stop at the last convolution too: none of them decodes the region layer here.
    last = [name for name in network.getLayerNames() if name.startswith("conv_")][-1]

    def forward(image: np.ndarray) -> np.ndarray:
        network.setInput(image)
        return network.forward(last)

    return forward, f"OpenCV {cv2.__version__}"


def main(arguments: list[str]) -> None:
    engine, *files, width, height, threads = arguments
    make = {"onnxruntime": onnxruntime_engine, "opencv": opencv_engine}[engine]
    forward, version = make(*files, int(threads))
    image = np.random.default_rng(1).random((1, 3, int(height), int(width)), dtype=np.float32)
    forward(image)
    print(f"ready {version}, {threads} threads", flush=True)
    for line in sys.stdin:
        command, *values = line.split()
        match command:
            case "run":
                print(*(f"{_milliseconds(forward, image):.4f}" for _ in range(int(values[0]))), flush=True)
            case "output":
                np.save(values[0], forward(image))
                print("saved", flush=True)
            case "quit":
                return
            case _:
                sys.exit(f"unknown command {command!r}")


def _milliseconds(forward: Forward, image: np.ndarray) -> float:
    start = time.perf_counter()
    forward(image)
    return (time.perf_counter() - start) * 1e3


if __name__ == "__main__":
    main(sys.argv[1:])
