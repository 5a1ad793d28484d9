"""torch_training.py CFG W H BATCH THREADS fp32|bf16: times whole steps of training in PyTorch, the layers of a Darknet cfg
with batch normalisation, channels_last, SGD with momentum and decay; answers `run N` as training-bench does.

The loss is a weighted sum of the outputs: of the region's own, which is nothing beside the layers, it has none."""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import torch
from darknet_model import Layer, layers
from torch import nn
from torch.nn import functional
from torch_model import _maxpool, _reorg


class Trained(nn.Module):
    def __init__(self, cfg: Path, width: int, height: int) -> None:
        super().__init__()
        self.layers = layers(cfg, width, height)
        self.convolutions = nn.ModuleDict()
        self.norms = nn.ModuleDict()
        for layer in self.layers:
            if layer.kind != "convolutional":
                continue
            has_norm = layer.integer("batch_normalize", 0) != 0
            self.convolutions[str(layer.index)] = nn.Conv2d(
                layer.input[0],
                layer.output[0],
                layer.integer("size", 1),
                layer.integer("stride", 1),
                layer.padding,
                bias=not has_norm,
            )
            if has_norm:
                self.norms[str(layer.index)] = nn.BatchNorm2d(layer.output[0], momentum=0.01)

    def forward(self, current: torch.Tensor) -> torch.Tensor:
        outputs: list[torch.Tensor] = []
        for layer in self.layers:
            current = self.computed(layer, current, outputs)
            outputs.append(current)
        return current

    def computed(self, layer: Layer, current: torch.Tensor, outputs: list[torch.Tensor]) -> torch.Tensor:
        match layer.kind:
            case "convolutional":
                current = self.convolutions[str(layer.index)](current)
                if str(layer.index) in self.norms:
                    current = self.norms[str(layer.index)](current)
                if layer.options.get("activation") == "leaky":
                    current = functional.leaky_relu(current, 0.1, inplace=True)
            case "maxpool":
                current = _maxpool(layer, current)
            case "reorg":
                current = _reorg(layer, current)
            case "route":
                sources = [outputs[source] for source in layer.sources]
                current = sources[0] if len(sources) == 1 else torch.cat(sources, 1)
        return current


def main() -> None:
    cfg, width, height, batch, threads, precision = sys.argv[1], *map(int, sys.argv[2:6]), sys.argv[6]
    torch.set_num_threads(threads)
    network = Trained(Path(cfg), width, height).train().to(memory_format=torch.channels_last)
    images = torch.rand(batch, 3, height, width).contiguous(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(network.parameters(), lr=1e-6, momentum=0.9, weight_decay=0.0005)
    factors = None

    def step() -> None:
        nonlocal factors
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            output = network(images)
        if factors is None:
            factors = torch.rand_like(output)
        (output.float() * factors).sum().backward()
        optimiser.step()

    start = time.perf_counter()
    step()
    step()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"ready {(time.perf_counter() - start) * 1e3:.0f} ms, rss {memory} KiB, PyTorch {torch.__version__}", flush=True)
    for line in sys.stdin:
        words = line.split()
        if words == ["quit"]:
            break
        times = []
        for _ in range(int(words[1])):
            begin = time.perf_counter()
            step()
            times.append((time.perf_counter() - begin) * 1e3)
        print(" ".join(f"{t:.4f}" for t in times), flush=True)


if __name__ == "__main__":
    main()
