"""Quantizes an ONNX model for OpenVINO with NNCF, its own tool, as it advises.

usage: openvino_int8.py MODEL.onnx IMAGES.npy FOLDER      writes FOLDER/model.xml and FOLDER/model.bin
"""

from __future__ import annotations

import sys

import nncf
import numpy as np
import openvino

if __name__ == "__main__":
    model_file, images_file, folder = sys.argv[1:]
    images = np.load(images_file)
    model = openvino.Core().read_model(model_file)
    dynamic = model.input(0).partial_shape
    model.reshape([1, *images.shape[1:]])
    quantized = nncf.quantize(model, nncf.Dataset([image[None] for image in images]), subset_size=len(images))
    quantized.reshape(dynamic)
    openvino.save_model(quantized, f"{folder}/model.xml", compress_to_fp16=False)
