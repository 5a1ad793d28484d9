"""A Darknet YOLOv2-family network, without its region layer, as a PyTorch module with batch normalisation folded."""

from __future__ import annotations

from pathlib import Path

import torch
from darknet_model import Layer, folded_weights, layers
from torch import nn
from torch.nn import functional


class Network(nn.Module):
    def __init__(self, cfg: Path, weights: Path, width: int, height: int) -> None:
        super().__init__()
        self.layers = layers(cfg, width, height)
        folded = folded_weights(self.layers, weights)
        self.convolutions = nn.ModuleDict(
            {
                str(layer.index): _convolution(layer, *folded[layer.index])
                for layer in self.layers
                if layer.index in folded
            }
        )

    def forward(self, current: torch.Tensor) -> torch.Tensor:
        outputs: list[torch.Tensor] = []
        for layer in self.layers:
            match layer.kind:
                case "convolutional":
                    current = self.convolutions[str(layer.index)](current)
                    if layer.options.get("activation") == "leaky":
                        current = functional.leaky_relu(current, 0.1)
                case "maxpool":
                    current = _maxpool(layer, current)
                case "reorg":
                    current = _reorg(layer, current)
                case "route":
                    sources = [outputs[source] for source in layer.sources]
                    current = sources[0] if len(sources) == 1 else torch.cat(sources, 1)
            outputs.append(current)
        return current


def _convolution(layer: Layer, kernel: object, bias: object) -> nn.Conv2d:
    size, stride = layer.integer("size", 1), layer.integer("stride", 1)
    module = nn.Conv2d(layer.input[0], layer.output[0], size, stride, layer.padding)
    module.weight.data, module.bias.data = torch.tensor(kernel), torch.tensor(bias)
    return module


def _maxpool(layer: Layer, current: torch.Tensor) -> torch.Tensor:
    below, right = layer.pooling_padding
    if below or right:
        current = functional.pad(current, (0, right, 0, below), value=float("-inf"))
    return functional.max_pool2d(current, layer.integer("size", 2), layer.integer("stride", 1))


def _reorg(layer: Layer, current: torch.Tensor) -> torch.Tensor:
    stride = layer.integer("stride", 1)
    channels, rows, columns = layer.input
    blocks = current.reshape(-1, channels // stride**2, rows, stride, columns, stride).permute(0, 3, 5, 1, 2, 4)
    return blocks.reshape(-1, *layer.output)
