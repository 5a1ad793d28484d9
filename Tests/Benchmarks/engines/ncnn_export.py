"""Converts a Darknet YOLOv2-family network, without its region layer, to ncnn, batch normalisation folded.

usage: ncnn_export.py CFG WEIGHTS WIDTH HEIGHT FOLDER [MODEL.onnx IMAGES.npy]

Writes FOLDER/model.param and FOLDER/model.bin. With the same network as ONNX and pictures to calibrate with: for int8,
whose weights ncnn rounds itself when it loads them; the file holds their scales, a filter each, and the input's.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from calibration import convolution_peaks
from darknet_model import Layer, folded_weights, layers

MAGIC = "7767517"
FP32 = np.zeros(1, "<u4")  # the tag before weights that are stored as they are


class Graph:
    """ncnn's text form: a line a layer; a tensor that several read needs a `Split`."""

    def __init__(self, network: list[Layer]) -> None:
        self.network = network
        self.lines: list[str] = []
        self.tensors = 0
        self.readers: dict[int, list[int]] = {}
        for layer in network:
            for source in self.sources(layer):
                self.readers.setdefault(source, []).append(layer.index)

    def sources(self, layer: Layer) -> list[int]:
        """The layers it reads; -1 is the input. A route from one layer is that layer under another name."""
        if self.is_name(layer):
            return []
        given = layer.sources if layer.kind == "route" else [layer.index - 1]
        return [self._resolved(source) for source in given]

    @staticmethod
    def is_name(layer: Layer) -> bool:
        return layer.kind == "route" and len(layer.sources) == 1

    def _resolved(self, index: int) -> int:
        while index >= 0 and self.is_name(self.network[index]):
            index = self.network[index].sources[0]
        return index

    def inputs(self, layer: Layer) -> list[str]:
        return [self._tensor(source, layer.index) for source in self.sources(layer)]

    def _tensor(self, source: int, reader: int) -> str:
        name = f"layer{source}" if source >= 0 else "image"
        readers = self.readers[source]
        return name if len(readers) == 1 else f"{name}.{readers.index(reader)}"

    def add(self, kind: str, name: str, inputs: list[str], outputs: list[str], *options: object) -> None:
        self.tensors += len(outputs)
        self.lines.append(" ".join(map(str, [kind, name, len(inputs), len(outputs), *inputs, *outputs, *options])))

    def split(self, layer: Layer) -> None:
        readers = self.readers.get(layer.index, [])
        if len(readers) > 1:
            name = f"layer{layer.index}"
            self.add("Split", f"{name}.split", [name], [f"{name}.{number}" for number in range(len(readers))])

    def __str__(self) -> str:
        return "\n".join([MAGIC, f"{len(self.lines)} {self.tensors}", *self.lines]) + "\n"


def export(cfg: Path, weights: Path, width: int, height: int, folder: Path, calibration: list[str]) -> None:
    network = layers(cfg, width, height)
    folded = folded_weights(network, weights)
    peaks = convolution_peaks(*calibration) if calibration else {}
    graph = Graph(network)
    graph.add("Input", "image", [], ["image"], f"0={width}", f"1={height}", "2=3")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "model.bin").open("wb") as file:
        for layer in network:
            if graph.is_name(layer):
                continue
            _add(layer, graph, bool(calibration))
            graph.split(layer)
            if layer.kind == "convolutional":
                kernel, bias = folded[layer.index]
                parts = [FP32, kernel, bias]
                if calibration:
                    largest = np.abs(kernel).reshape(len(kernel), -1).max(axis=1)
                    parts += [127 / np.maximum(largest, 1e-12), np.array([127 / peaks[layer.index]])]
                for part in parts:
                    file.write(part.astype(part.dtype if part is FP32 else "<f4").tobytes())
    (folder / "model.param").write_text(str(graph))


def _add(layer: Layer, graph: Graph, int8: bool) -> None:
    name, inputs = f"layer{layer.index}", graph.inputs(layer)
    size, stride = layer.integer("size", 1), layer.integer("stride", 1)
    match layer.kind:
        case "convolutional":
            weights = layer.output[0] * layer.input[0] * size * size
            options = [f"0={layer.output[0]}", f"1={size}", f"3={stride}", f"4={layer.padding}", "5=1", f"6={weights}"]
            if int8:
                options.append("8=1")
            if layer.options.get("activation") == "leaky":
                options += ["9=2", "-23310=1,0.1"]
            graph.add("Convolution", name, inputs, [name], *options)
        case "maxpool":
            below, right = layer.pooling_padding
            size = layer.integer("size", 2)
            # Padding on the left 3, above 13, on the right 14, below 15; 5=1: none but these.
            options = [f"1={size}", f"2={stride}", "3=0", "13=0", f"14={right}", f"15={below}", "5=1"]
            graph.add("Pooling", name, inputs, [name], "0=0", *options)
        case "reorg":
            # Darknet's order: the input read as (C/s^2, sH, sW), then space to depth with the offset outermost.
            (channels, rows, columns), (depth, below, across) = layer.input, layer.output
            view = [f"0={columns * stride}", f"1={rows * stride}", f"2={channels // stride**2}"]
            graph.add("Reshape", f"{name}.a", inputs, [f"{name}.view"], *view)
            graph.add("Reorg", f"{name}.b", [f"{name}.view"], [f"{name}.blocks"], f"0={stride}", "1=1")
            joined = [f"0={across}", f"1={below}", f"2={depth}"]
            graph.add("Reshape", name, [f"{name}.blocks"], [name], *joined)
        case "route":
            graph.add("Concat", name, inputs, [name], "0=0")


if __name__ == "__main__":
    export(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]), sys.argv[6:])
