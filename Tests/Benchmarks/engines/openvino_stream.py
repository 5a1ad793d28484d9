"""OpenVINO as it advises for video: bytes in, conversion inside the graph, several requests in flight."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np
import openvino
from openvino.preprocess import ColorFormat, PrePostProcessor


class OrderedInference:
    """Gives the outputs in the order in which the pictures came, each with what was handed in beside it."""

    def __init__(self, model_file: str, size: int, precision: str) -> None:
        core = openvino.Core()
        model = core.read_model(model_file)
        model.reshape([1, 3, size, size])
        settings: dict[str, object] = {"PERFORMANCE_HINT": "THROUGHPUT"}
        if precision == "fp32":
            # Where the CPU can, OpenVINO computes in bf16 unless told.
            settings["INFERENCE_PRECISION_HINT"] = "f32"
        compiled = core.compile_model(_taking_bytes(model), "CPU", settings)
        count = max(2, compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        self._idle = [compiled.create_infer_request() for _ in range(count)]
        self._running: deque[tuple[Any, Any]] = deque()

    def put(self, picture: np.ndarray, beside: Any) -> Iterator[tuple[np.ndarray, Any]]:
        """`picture`: rows x columns x BGR bytes. Gives the oldest output when no request was idle."""
        if not self._idle:
            yield self._oldest()
        request = self._idle.pop()
        # The request reads it while it runs, so it is kept beside.
        request.start_async({0: picture[None]}, share_inputs=True)
        self._running.append((request, (picture, beside)))

    def rest(self) -> Iterator[tuple[np.ndarray, Any]]:
        while self._running:
            yield self._oldest()

    def _oldest(self) -> tuple[np.ndarray, Any]:
        request, (_, beside) = self._running.popleft()
        request.wait()
        output = request.get_output_tensor(0).data[0].copy()
        self._idle.append(request)
        return output, beside


def _taking_bytes(model: openvino.Model) -> openvino.Model:
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC")).set_color_format(
        ColorFormat.BGR
    )
    steps.input().model().set_layout(openvino.Layout("NCHW"))
    steps.input().preprocess().convert_element_type(openvino.Type.f32).convert_color(ColorFormat.RGB).scale(255.0)
    return steps.build()
