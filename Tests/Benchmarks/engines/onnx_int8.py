"""Quantizes an ONNX model for ONNX Runtime: QDQ, unsigned activations, signed weights with a scale a filter.

usage: onnx_int8.py MODEL.onnx IMAGES.npy OUT.onnx
"""

from __future__ import annotations

import sys

import numpy as np
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static


class Pictures(CalibrationDataReader):
    def __init__(self, images: np.ndarray) -> None:
        self._rest = iter(images)

    def get_next(self) -> dict[str, np.ndarray] | None:
        image = next(self._rest, None)
        return None if image is None else {"image": image[None]}


if __name__ == "__main__":
    model, images, out = sys.argv[1:]
    quantize_static(
        model,
        out,
        Pictures(np.load(images)),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax,
    )
