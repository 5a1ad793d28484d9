"""What the peers' int8 models are calibrated with.

usage: calibration.py IMAGES WIDTH HEIGHT COUNT OUT.npy

Writes COUNT pictures of the folder IMAGES, stretched: [COUNT, 3, HEIGHT, WIDTH], RGB, 0 to 1.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime


def pictures(folder: Path, width: int, height: int, count: int) -> np.ndarray:
    files = sorted(folder.glob("*.jpg"))[:count]
    if len(files) < count:
        sys.exit(f"{folder} holds {len(files)} pictures, {count} are needed")
    read = (cv2.resize(cv2.imread(str(file)), (width, height), interpolation=cv2.INTER_AREA) for file in files)
    return np.stack([image[:, :, ::-1].transpose(2, 0, 1).astype(np.float32) / 255 for image in read])


def convolution_peaks(model_file: str, images_file: str) -> dict[int, float]:
    """The largest magnitude at the input of each convolution, by its layer's index."""
    model = onnx.load(model_file)
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    made = {output for node in model.graph.node for output in node.output}
    wanted = sorted({node.input[0] for node in convolutions} & made)
    model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in wanted)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    images = np.load(images_file)
    peaks = {"image": float(np.abs(images).max())} | dict.fromkeys(wanted, 0.0)
    for image in images:
        for name, values in zip(wanted, session.run(wanted, {"image": image[None]})):
            peaks[name] = max(peaks[name], float(np.abs(values).max()))
    return {int(node.output[0].removeprefix("layer")): peaks[node.input[0]] for node in convolutions}


if __name__ == "__main__":
    folder, width, height, count, out = sys.argv[1:]
    with open(out, "wb") as file:
        np.save(file, pictures(Path(folder), int(width), int(height), int(count)))
