"""The peers, each as its makers advise for a CPU: model files, an input batch and threads give an engine."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

Forward = Callable[[], np.ndarray]


@dataclass(frozen=True)
class Engine:
    version: str
    times: Callable[[int], list[float]]  # of so many batches, in milliseconds
    output: Forward


def alone(version: str, forward: Forward) -> Engine:
    """One batch after the other, each timed."""

    def times(count: int) -> list[float]:
        marks = [time.perf_counter()]
        for _ in range(count):
            forward()
            marks.append(time.perf_counter())
        return [1e3 * (after - before) for before, after in zip(marks, marks[1:])]

    return Engine(version, times, forward)


def onnxruntime_engine(files: list[str], image: np.ndarray, threads: int) -> Engine:
    """MODEL.onnx, fp32 or quantized"""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    options.add_free_dimension_override_by_name("batch", len(image))
    session = onnxruntime.InferenceSession(files[0], options, providers=["CPUExecutionProvider"])
    return alone(f"ONNX Runtime {onnxruntime.__version__}", lambda: session.run(None, {"image": image})[0])


def openvino_engine(files: list[str], image: np.ndarray, threads: int, hint: str, precision: str | None) -> Engine:
    """MODEL.onnx, or MODEL.xml by NNCF. `precision` None: OpenVINO's choice for this CPU"""
    import openvino

    model = openvino.Core().read_model(files[0])
    model.reshape(list(image.shape))
    settings: dict[str, object] = {"PERFORMANCE_HINT": hint, "INFERENCE_NUM_THREADS": threads}
    if precision:
        settings["INFERENCE_PRECISION_HINT"] = precision
    compiled = openvino.Core().compile_model(model, "CPU", settings)
    chosen = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
    version = f"OpenVINO {openvino.__version__}, {hint}, {chosen}"
    request = compiled.create_infer_request()
    single = alone(version, lambda: request.infer({0: image}, share_inputs=True, share_outputs=True)[0])
    if hint == "LATENCY":
        return single
    queue = openvino.AsyncInferQueue(compiled, compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
    done: list[float] = []
    queue.set_callback(lambda *_: done.append(time.perf_counter()))

    def times(count: int) -> list[float]:
        """Of a steady flow: as many completions as run at once over their time. Single gaps say nothing, two may end
        together; and the mean of all would take in each disturbance, which the others' median leaves out."""
        done.clear()
        running = len(queue)
        for _ in range(count + running):
            queue.start_async({0: image}, share_inputs=True)
        queue.wait_all()
        ends = sorted(done)
        return [1e3 * (end - begin) / running for begin, end in zip(ends, ends[running:])]

    return Engine(f"{version}, {len(queue)} requests", times, single.output)


def ncnn_engine(files: list[str], image: np.ndarray, threads: int) -> Engine:
    """MODEL.param MODEL.bin, fp32 or int8. It knows no batches: its pictures go one after the other"""
    import ncnn

    network = ncnn.Net()
    network.opt.num_threads = threads
    network.opt.use_vulkan_compute = False
    if network.load_param(files[0]) or network.load_model(files[1]):
        sys.exit(f"ncnn cannot read {files[0]}")
    last = network.output_names()[0]

    def forward() -> np.ndarray:
        outputs = []
        for picture in image:
            extractor = network.create_extractor()
            extractor.input("image", ncnn.Mat(picture))
            code, output = extractor.extract(last)
            if code:
                sys.exit(f"ncnn: extract({last}) gives {code}")
            outputs.append(np.array(output))
        return np.stack(outputs)

    return alone(f"ncnn {ncnn.__version__}", forward)


def opencv_engine(files: list[str], image: np.ndarray, threads: int) -> Engine:
    """CFG WEIGHTS"""
    import cv2

    cv2.setNumThreads(threads)
    network = cv2.dnn.readNetFromDarknet(*files)
    network.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    network.setPreferableTarget(cv2.dnn.DNN_TARGET_CPU)
    # The others stop at the last convolution too: none of them decodes the region layer here.
    last = [name for name in network.getLayerNames() if name.startswith("conv_")][-1]

    def forward() -> np.ndarray:
        network.setInput(image)
        return network.forward(last)

    return alone(f"OpenCV {cv2.__version__}", forward)


def torch_engine(files: list[str], image: np.ndarray, threads: int) -> Engine:
    """CFG WEIGHTS"""
    import torch
    from torch_model import Network

    torch.set_num_threads(threads)
    height, width = image.shape[2:]
    with torch.inference_mode():
        given = torch.from_numpy(image).contiguous(memory_format=torch.channels_last)
        network = Network(Path(files[0]), Path(files[1]), width, height).eval().to(memory_format=torch.channels_last)
        frozen = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(network, given)))

    def forward() -> np.ndarray:
        with torch.inference_mode():
            return frozen(given).numpy()

    return alone(f"PyTorch {torch.__version__}", forward)


def darknet_engine(files: list[str], image: np.ndarray, threads: int) -> Engine:
    """CFG. Debian's program times itself (`darknet speed`), with weights of its own: random ones, of the same cost"""
    text = Path(files[0]).read_text()
    for key, value in (("height", image.shape[2]), ("width", image.shape[3])):
        text = re.sub(rf"(?m)^\s*{key}\s*=.*$", f"{key}={value}", text, count=1)

    def times(count: int) -> list[float]:
        with tempfile.NamedTemporaryFile("w", suffix=".cfg") as cfg:
            cfg.write(text)
            cfg.flush()
            said = subprocess.run(["darknet", "speed", cfg.name, str(count)], capture_output=True, text=True).stdout
        speed = re.search(r"Speed: ([\d.]+) sec/eval", said)
        if not speed:
            sys.exit(f"darknet speed said no speed: {said[-300:]}")
        return [1e3 * float(speed[1])] * count

    def output() -> np.ndarray:
        raise NotImplementedError("darknet speed gives no output")

    return Engine("Darknet", times, output)


ENGINES = {
    "onnxruntime": onnxruntime_engine,
    "openvino-latency": partial(openvino_engine, hint="LATENCY", precision="f32"),
    "openvino-throughput": partial(openvino_engine, hint="THROUGHPUT", precision="f32"),
    "openvino-default-latency": partial(openvino_engine, hint="LATENCY", precision=None),
    "openvino-default-throughput": partial(openvino_engine, hint="THROUGHPUT", precision=None),
    "ncnn": ncnn_engine,
    "opencv": opencv_engine,
    "torch": torch_engine,
    "darknet": darknet_engine,
}
