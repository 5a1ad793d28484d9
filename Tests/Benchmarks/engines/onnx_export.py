"""Converts a Darknet YOLOv2-family network, without its region layer, to ONNX with batch normalisation folded.

usage: onnx_export.py CFG WEIGHTS WIDTH HEIGHT OUT.onnx
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
from darknet_model import Layer, folded_weights, layers
from onnx import TensorProto, helper, numpy_helper


def export(cfg: Path, weights: Path, width: int, height: int, out: Path) -> None:
    network = layers(cfg, width, height)
    folded = folded_weights(network, weights)
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []
    names: list[str] = []  # tensor that each layer leaves behind
    current = "image"
    for layer in network:
        match layer.kind:
            case "convolutional":
                current = _convolution(layer, folded[layer.index], current, nodes, constants)
            case "maxpool":
                current = _maxpool(layer, current, nodes)
            case "reorg":
                current = _reorg(layer, current, nodes, constants)
            case "route":
                current = _route(layer, names, nodes)
        names.append(current)
    graph = helper.make_graph(
        nodes,
        cfg.stem,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, height, width])],
        [helper.make_tensor_value_info(current, TensorProto.FLOAT, ["batch", *network[-1].output])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, out)


def _convolution(
    layer: Layer,
    parameters: tuple[np.ndarray, np.ndarray],
    source: str,
    nodes: list[onnx.NodeProto],
    constants: list[onnx.TensorProto],
) -> str:
    name, size, stride = f"layer{layer.index}", layer.integer("size", 1), layer.integer("stride", 1)
    constants += [
        numpy_helper.from_array(array, f"{name}.{part}") for part, array in zip(("kernel", "bias"), parameters)
    ]
    nodes.append(
        helper.make_node(
            "Conv",
            [source, f"{name}.kernel", f"{name}.bias"],
            [name],
            kernel_shape=[size, size],
            strides=[stride, stride],
            pads=[layer.padding] * 4,
        )
    )
    match layer.options.get("activation", "logistic"):
        case "linear":
            return name
        case "leaky":
            nodes.append(helper.make_node("LeakyRelu", [name], [f"{name}.leaky"], alpha=0.1))
            return f"{name}.leaky"
        case other:
            raise ValueError(f"activation={other} at layer {layer.index} is not converted")


def _maxpool(layer: Layer, source: str, nodes: list[onnx.NodeProto]) -> str:
    name, size, stride = f"layer{layer.index}", layer.integer("size", 2), layer.integer("stride", 1)
    below, right = layer.pooling_padding
    nodes.append(
        helper.make_node(
            "MaxPool", [source], [name], kernel_shape=[size, size], strides=[stride, stride], pads=[0, 0, below, right]
        )
    )
    return name


def _reorg(layer: Layer, source: str, nodes: list[onnx.NodeProto], constants: list[onnx.TensorProto]) -> str:
    """Darknet's order: the input read as (C/s^2, sH, sW), then space to depth with the block offset outermost."""
    name, stride = f"layer{layer.index}", layer.integer("stride", 1)
    channels, rows, columns = layer.input
    # 0: the batch, as it comes.
    split = np.array([0, channels // stride**2, rows, stride, columns, stride], np.int64)
    joined = np.array([0, *layer.output], np.int64)
    constants += [numpy_helper.from_array(split, f"{name}.split"), numpy_helper.from_array(joined, f"{name}.joined")]
    nodes += [
        helper.make_node("Reshape", [source, f"{name}.split"], [f"{name}.view"]),
        helper.make_node("Transpose", [f"{name}.view"], [f"{name}.blocks"], perm=[0, 3, 5, 1, 2, 4]),
        helper.make_node("Reshape", [f"{name}.blocks", f"{name}.joined"], [name]),
    ]
    return name


def _route(layer: Layer, names: list[str], nodes: list[onnx.NodeProto]) -> str:
    sources = [names[source] for source in layer.sources]
    if len(sources) == 1:
        return sources[0]
    name = f"layer{layer.index}"
    nodes.append(helper.make_node("Concat", sources, [name], axis=1))
    return name


if __name__ == "__main__":
    export(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]))
