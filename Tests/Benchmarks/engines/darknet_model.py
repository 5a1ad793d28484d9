"""Darknet cfg and weights as numpy arrays, for the peers and for the random weights that all engines share.

usage: darknet_model.py CFG OUT.weights    writes reproducible random weights
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

Section = tuple[str, dict[str, str]]
Shape = tuple[int, int, int]  # channels, rows, columns

CHUNK = 1 << 22  # numbers made at once, so that 50 million weights need no gigabytes


@dataclass(frozen=True)
class Layer:
    """One layer of a network with the shapes it has at a given input size."""

    index: int
    kind: str
    options: dict[str, str]
    input: Shape
    output: Shape

    def integer(self, key: str, default: int) -> int:
        return int(self.options.get(key, default))

    @property
    def padding(self) -> int:
        """Convolution: pixels added on each side (`pad=1` means half of the kernel)."""
        return self.integer("size", 1) // 2 if self.integer("pad", 0) else self.integer("padding", 0)

    @property
    def pooling_padding(self) -> tuple[int, int]:
        """Max pooling: pixels added below and to the right, which never win the maximum."""
        size, stride = self.integer("size", 2), self.integer("stride", 1)
        below, right = (
            max(0, (after - 1) * stride + size - before) for before, after in zip(self.input[1:], self.output[1:])
        )
        return below, right

    @property
    def sources(self) -> list[int]:
        """Route: absolute indices of the layers joined; negative ones count back from this layer."""
        given = (int(text) for text in self.options["layers"].split(","))
        return [value if value >= 0 else self.index + value for value in given]


def sections(cfg: Path) -> list[Section]:
    found: list[Section] = []
    for number, raw in enumerate(cfg.read_text().splitlines(), start=1):
        line = "".join(raw.split())
        if not line or line[0] in "#;":
            continue
        if line.startswith("["):
            found.append((line[1:-1], {}))
            continue
        key, equals, value = line.partition("=")
        if not equals or not found:
            raise ValueError(f"{cfg}:{number}: expected [section] or key=value, found {raw!r}")
        found[-1][1][key] = value
    return found


def layers(cfg: Path, width: int, height: int) -> list[Layer]:
    """The layers before the region layer, for an input of `width` x `height`."""
    shape: Shape = (3, height, width)
    network: list[Layer] = []
    for index, (kind, options) in enumerate(sections(cfg)[1:]):
        if kind == "region":
            break
        layer = Layer(index, kind, options, shape, shape)
        shape = _output(layer, network)
        network.append(Layer(index, kind, options, layer.input, shape))
    return network


def _output(layer: Layer, before: list[Layer]) -> Shape:
    channels, rows, columns = layer.input
    stride = layer.integer("stride", 1)
    match layer.kind:
        case "convolutional":
            reach = 2 * layer.padding - layer.integer("size", 1)
            return layer.integer("filters", 1), (rows + reach) // stride + 1, (columns + reach) // stride + 1
        case "maxpool":
            # Darknet pads by size - 1 in all, so the output has ceil(input / stride) rows and columns.
            return channels, (rows - 1) // stride + 1, (columns - 1) // stride + 1
        case "reorg":
            return channels * stride * stride, rows // stride, columns // stride
        case "route":
            joined = [before[source].output for source in layer.sources]
            return sum(shape[0] for shape in joined), joined[0][1], joined[0][2]
    raise ValueError(f"[{layer.kind}] at layer {layer.index} is not among the layers that this benchmark converts")


def _convolutions(network: list[Layer]) -> Iterator[tuple[Layer, int, bool]]:
    """Convolutions with the number of their weights and whether batch normalisation is stored."""
    for layer in network:
        if layer.kind == "convolutional":
            size = layer.integer("size", 1)
            yield layer, layer.output[0] * layer.input[0] * size * size, bool(layer.integer("batch_normalize", 0))


def folded_weights(network: list[Layer], weights: Path) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Per convolution index: kernel [filters, channels, size, size] and bias, batch normalisation folded in."""
    raw = weights.read_bytes()
    major, minor = np.frombuffer(raw, "<i4", 2)
    header = 20 if major * 10 + minor >= 2 else 16
    body = np.frombuffer(raw, "<f4", offset=header)
    position = 0

    def take(count: int) -> np.ndarray:
        nonlocal position
        if position + count > body.size:
            raise ValueError(f"{weights}: ends after {body.size} numbers, the network needs more")
        position += count
        return body[position - count : position]

    folded: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    for layer, count, normalised in _convolutions(network):
        filters, size = layer.output[0], layer.integer("size", 1)
        bias = take(filters)
        scale = np.ones(filters, np.float32)
        if normalised:
            gamma, mean, variance = take(filters), take(filters), take(filters)
            scale = gamma / (np.sqrt(variance) + 1e-6)
            bias = bias - mean * scale
        kernel = take(count).reshape(filters, layer.input[0], size, size)
        folded[layer.index] = ((kernel * scale[:, None, None, None]).astype(np.float32), bias.astype(np.float32))
    if position != body.size:
        raise ValueError(f"{weights}: holds {body.size} numbers, the network uses {position}")
    return folded


def _uniform(start: int, count: int) -> np.ndarray:
    """Numbers `start`.. of splitmix64 seeded with 2^32, as 24-bit fractions in [0, 1)."""
    with np.errstate(over="ignore"):
        state = np.arange(start + 1, start + count + 1, dtype=np.uint64) + np.uint64(1 << 32)
        state *= np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state ^= state >> np.uint64(31)
    return (state >> np.uint64(40)) / float(1 << 24)


def write_random_weights(network: list[Layer], out: Path) -> None:
    """Writes weights that keep activations in range through the depth (He's bound for uniform numbers)."""
    position = 0

    def put(file: BinaryIO, count: int, low: float, high: float) -> None:
        nonlocal position
        for start in range(0, count, CHUNK):
            part = min(CHUNK, count - start)
            file.write((low + (high - low) * _uniform(position, part)).astype("<f4").tobytes())
            position += part

    with out.open("wb") as file:
        file.write(np.array([0, 1, 0, 0], "<i4").tobytes())  # version 0.1.0, no images seen
        for layer, count, normalised in _convolutions(network):
            filters = layer.output[0]
            put(file, filters, -0.1, 0.1)  # bias
            if normalised:
                put(file, filters, 0.5, 1.5)  # scale
                put(file, filters, -0.1, 0.1)  # rolling mean
                put(file, filters, 0.5, 1.5)  # rolling variance
            bound = (6 * filters / count) ** 0.5
            put(file, count, -bound, bound)


if __name__ == "__main__":
    write_random_weights(layers(Path(sys.argv[1]), 416, 416), Path(sys.argv[2]))
