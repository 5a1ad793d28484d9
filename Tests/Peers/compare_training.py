#!/usr/bin/env python3
"""Compares a hundred iterations of `lookout train` with the same steps in PyTorch. See README.md here."""

from __future__ import annotations

import argparse
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

sys.dont_write_bytecode = True

import peers  # noqa: E402

PACKAGES = [
    "--extra-index-url", "https://download.pytorch.org/whl/cpu", "torch==2.13.0+cpu", "numpy==2.4.6",
    "opencv-python-headless==4.14.0.94"]
WIDTH, HEIGHT, BATCH = 128, 96, 8
ITERATIONS = (1, 10, 100)
TOLERANCE = 1e-3
ROUNDING = 1e-6  # of the values: a change of less than a thousand times this cannot be told more exactly in fp32
PRIOR_PICTURES = 12_800


@dataclass(frozen=True)
class Case:
    name: str
    net: dict
    region: dict
    seen: int = 0
    subdivisions: int = 1

    def rate(self, iteration: int) -> float:
        rate = self.net["learning_rate"]
        if iteration < self.net.get("burn_in", 0):
            return rate * (iteration / self.net["burn_in"]) ** self.net["power"]
        for step, scale in zip(self.net.get("steps", []), self.net.get("scales", [])):
            rate *= scale if iteration >= step else 1
        return rate


YOLO = {"bias_match": 1, "softmax": 1, "rescore": 1, "thresh": 0.6, "object_scale": 5, "noobject_scale": 1,
        "class_scale": 1, "coord_scale": 1}
SGD = {"momentum": 0.9, "decay": 0.0005, "learning_rate": 1e-4}
CASES = [
    Case("momentum, decay and burn-in", {**SGD, "burn_in": 5, "power": 1}, YOLO),
    # Iterations 1551 to 1650; the boxes' prior ends within 1600.
    Case(
        "two subdivisions, steps, end of the prior, logistic classes, no rescore, no bias_match",
        {**SGD, "learning_rate": 5e-5, "policy": "steps", "steps": [1560, 1620], "scales": [2, 0.1]},
        {**YOLO, "softmax": 0, "rescore": 0, "bias_match": 0, "thresh": 0.5}, seen=1550 * BATCH, subdivisions=2),
    # Without a large eps it would raise the rounding of gradients that are none to full steps.
    Case("Adam", {"adam": 1, "decay": 0.0005, "learning_rate": 1e-4, "B1": 0.9, "B2": 0.999, "eps": 1}, YOLO),
]


# The data


@dataclass
class Picture:
    pixels: object  # RGB planes as the network sees them
    truths: list[tuple[float, float, float, float, int]] = field(default_factory=list)


def make_pictures(data: pathlib.Path, folder: pathlib.Path, count: int) -> list[Picture]:
    """PNG, so that no two decoders differ, of a size that the trainer keeps whole; letterboxed here."""
    import cv2
    import numpy

    found: list[Picture] = []
    for source in sorted((data / "coco/images/train").glob("*.jpg")):
        lines = (data / "coco/labels/train" / f"{source.stem}.txt").read_text().splitlines()
        if len(found) == count or not 2 <= len(lines) <= 12:
            continue
        image = cv2.imread(str(source))
        scale = 2 * WIDTH / max(image.shape)
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        height, width = image.shape[:2]
        across = WIDTH if WIDTH * height < HEIGHT * width else int(width * HEIGHT / height)
        down = int(height * WIDTH / width) if across == WIDTH else HEIGHT
        left, top = (WIDTH - across) // 2, (HEIGHT - down) // 2
        canvas = numpy.full((HEIGHT, WIDTH, 3), 0.5)
        canvas[top:top + down, left:left + across] = peers.resized(image[:, :, ::-1], across, down)
        picture, kept, cells = Picture(canvas.transpose(2, 0, 1)), [], set()
        for line in lines:
            label, x, y, w, h = map(float, line.split())
            x, y = (x * across + left) / WIDTH, (y * down + top) / HEIGHT
            # One truth a cell: of two that want the same predictor the last one wins, and their order is random.
            cell = int(x * WIDTH // 32), int(y * HEIGHT // 32)
            if cell not in cells:
                cells.add(cell)
                kept.append(line)
                picture.truths.append((x, y, w * across / WIDTH, h * down / HEIGHT, int(label)))
        name = folder / "images" / f"{source.stem}.png"
        cv2.imwrite(str(name), image)
        (folder / "labels" / f"{source.stem}.txt").write_text("\n".join(kept) + "\n")
        found.append(picture)
    if len(found) < count:
        raise SystemExit(f"{data}/coco: {count} training pictures with 2 to 12 objects are needed")
    return found


def initial_weights(is_usual: bool) -> dict:
    """Biases of 4 standard deviations either way take all values to one side of the leaky's bend or the other: those
    that rounding moves across it would decide what becomes of the training. `is_usual`: as networks begin."""
    import numpy

    random = numpy.random.default_rng(7)
    found = {}
    for layer, name, shape in peers.parameter_shapes():
        match name:
            case "biases" if not is_usual and "linear" not in peers.LAYERS[layer][1]:
                found[layer, name] = random.choice([-4.0, 4.0], shape)
            case "weights":
                found[layer, name] = random.normal(0, math.sqrt(2 / math.prod(shape[1:])), shape)
            case "scales" | "variances":
                found[layer, name] = random.uniform(0.8, 1.2, shape)
            case _:
                found[layer, name] = random.uniform(-0.1, 0.1, shape)
    return {key: values.astype("f4") for key, values in found.items()}


# The peer


def batch_norm(values, scales, biases, is_exact: bool):
    """With the batch's statistics, which are returned too. Darknet's gradient knows another denominator than its
    values; `is_exact`: PyTorch derives the values' own."""
    import torch

    count = values.numel() // values.shape[1]
    mean = values.mean((0, 2, 3))
    variance = ((values - mean[:, None, None]) ** 2).sum((0, 2, 3)) / (count - 1)

    class Norm(torch.autograd.Function):
        @staticmethod
        def forward(context, values, scales, biases):
            context.save_for_backward(values, scales)
            factors = scales / (variance.sqrt() + 1e-6)
            return (values - mean[:, None, None]) * factors[:, None, None] + biases[:, None, None]

        @staticmethod
        def backward(context, gradient):
            values, scales = context.saved_tensors
            inverse = 1 / (variance + 1e-5).sqrt()
            normal = (values - mean[:, None, None]) * inverse[:, None, None]
            sums, products = gradient.sum((0, 2, 3)), (gradient * normal).sum((0, 2, 3))
            rest = gradient - (sums / count)[:, None, None] - normal * (products / (count - 1))[:, None, None]
            return rest * (scales * inverse)[:, None, None], products, sums

    if is_exact:
        factors = scales / (variance.sqrt() + 1e-6)
        result = (values - mean[:, None, None]) * factors[:, None, None] + biases[:, None, None]
    else:
        mean, variance = mean.detach(), variance.detach()
        result = Norm.apply(values, scales, biases)
    return result, mean.detach(), variance.detach()


def reorganised(values):
    """Darknet's: by its shape upside down."""
    pictures, channels, rows, columns = values.shape
    blocks = values.reshape(pictures, channels // 4, rows, 2, columns, 2).permute(0, 3, 5, 1, 2, 4)
    return blocks.reshape(pictures, 4 * channels, rows // 2, columns // 2)


def forward(parameters: dict, images, is_exact: bool):
    import torch
    from torch.nn import functional

    outputs = []
    current = images
    for layer, (kind, options) in enumerate(peers.LAYERS):
        if kind == "convolutional":
            current = functional.conv2d(
                current, parameters[layer, "weights"], stride=options.get("stride", 1), padding=options["size"] // 2)
            if "linear" in options:
                current = current + parameters[layer, "biases"][:, None, None]
            else:
                current, mean, variance = batch_norm(
                    current, parameters[layer, "scales"], parameters[layer, "biases"], is_exact)
                for name, value in (("means", mean), ("variances", variance)):
                    parameters[layer, name].mul_(0.99).add_(value, alpha=0.01)
                current = functional.leaky_relu(current, 0.1)
        elif kind == "maxpool":
            current = functional.max_pool2d(current, 2, 2)
        elif kind == "reorg":
            current = reorganised(current)
        else:
            current = torch.cat([outputs[source] for source in options["layers"]], 1)
        outputs.append(current)
    return current


@dataclass
class Loss:
    """Sums over pictures."""

    box: object
    objectness: object
    no_objectness: object
    classes: object
    cost: float
    iou: float
    recalled: int
    truths: int

    @property
    def objective(self):
        return self.box + self.objectness + self.no_objectness + self.classes


def overlap(left, right):
    """Of boxes x, y, w, h, the last dimension."""
    import torch

    low = torch.maximum(left[..., :2] - left[..., 2:] / 2, right[..., :2] - right[..., 2:] / 2)
    high = torch.minimum(left[..., :2] + left[..., 2:] / 2, right[..., :2] + right[..., 2:] / 2)
    both = (high - low).clamp(min=0).prod(-1)
    return both / (left[..., 2:].prod(-1) + right[..., 2:].prod(-1) - both)


def region_loss(raw, pictures: list[Picture], region: dict, has_prior: bool) -> Loss:
    import torch
    from torch.nn import functional

    anchors = raw.new_tensor(peers.ANCHORS).view(-1, 2)
    rows, columns = raw.shape[2:]
    grid = raw.new_tensor([columns, rows])
    raw = raw.view(len(pictures), len(anchors), -1, rows, columns).permute(0, 1, 3, 4, 2)
    centres, logarithms, objectness = raw[..., :2].sigmoid(), raw[..., 2:4], raw[..., 4].sigmoid()
    corner = torch.stack(torch.meshgrid(torch.arange(columns), torch.arange(rows), indexing="xy"), -1)
    with torch.no_grad():
        sizes = logarithms.exp() * anchors[:, None, None] / grid
        boxes = torch.cat([(centres + corner) / grid, sizes], -1)
    target = torch.zeros_like(objectness)
    weight = torch.full_like(objectness, region["noobject_scale"])
    has_object = torch.zeros_like(objectness, dtype=torch.bool)
    box_target = torch.zeros_like(raw[..., :4])
    box_target[..., :2] = 0.5
    box_weight = torch.full_like(objectness, 0.01 if has_prior else 0)
    class_loss, class_cost, iou_sum, recalled, count = raw.new_zeros(()), 0.0, 0.0, 0, 0
    for index, picture in enumerate(pictures):
        truths = raw.new_tensor([truth[:4] for truth in picture.truths])
        best = overlap(boxes[index][..., None, :], truths).amax(-1)
        weight[index][best > region["thresh"]] = 0
        for truth, (*_, label) in zip(truths, picture.truths):
            size = truth[2:] * grid
            column, row = (truth[:2] * grid).long().tolist()
            candidates = anchors if region["bias_match"] else sizes[index, :, row, column] * grid
            shared = torch.minimum(candidates, size).prod(-1)
            anchor = int((shared / (candidates.prod(-1) + size.prod() - shared)).argmax())
            place = index, anchor, row, column
            iou = overlap(boxes[place], truth)
            target[place] = iou if region["rescore"] else 1
            weight[place], has_object[place] = region["object_scale"], True
            box_weight[place] = region["coord_scale"] * (2 - truth[2] * truth[3])
            box_target[place] = torch.cat([truth[:2] * grid - corner[row, column], (size / anchors[anchor]).log()])
            scores = raw[place][5:]
            wanted = functional.one_hot(torch.tensor(label), len(scores)).to(raw.dtype)
            if region["softmax"]:
                class_loss = class_loss + region["class_scale"] * functional.cross_entropy(scores, wanted)
                given = scores.softmax(0)
            else:
                term = functional.binary_cross_entropy_with_logits(scores, wanted, reduction="sum")
                class_loss = class_loss + region["class_scale"] * term
                given = scores.sigmoid()
            class_cost += float(((region["class_scale"] * (wanted - given.detach())) ** 2).sum())
            iou_sum, recalled, count = iou_sum + float(iou), recalled + int(iou > 0.5), count + 1
    off = box_target - torch.cat([centres, logarithms], -1)
    squares = weight * (target - objectness) ** 2 / 2
    with torch.no_grad():
        cost = float(((box_weight[..., None] * off) ** 2).sum() + ((weight * (target - objectness)) ** 2).sum())
    return Loss(
        (box_weight[..., None] * off**2).sum() / 2, squares[has_object].sum(), squares[~has_object].sum(), class_loss,
        cost + class_cost, iou_sum, recalled, count)


def train_peer(case: Case, start: dict, pictures: list[Picture], kind: str) -> tuple[dict[int, dict], list[dict]]:
    """`kind`: fp32, fp64, or exact, which is fp64 with the batch normalisation's own gradient.

    Returns parameters after `ITERATIONS`, and what the log says of each iteration."""
    import numpy
    import torch

    torch.set_num_threads(1)
    dtype = torch.float32 if kind == "fp32" else torch.float64
    parameters = {key: torch.tensor(values, dtype=dtype) for key, values in start.items()}
    learned = {key: values for key, values in parameters.items() if key[1] not in ("means", "variances")}
    for values in learned.values():
        values.requires_grad_()
    # PyTorch's rules in Darknet's units: gradients are sums over the batch, and the decay counts for each picture.
    groups = [
        {"params": [v for (_, name), v in learned.items() if name == "weights"],
         "weight_decay": case.net["decay"] * BATCH},
        {"params": [v for (_, name), v in learned.items() if name != "weights"], "weight_decay": 0}]
    has_adam = case.net.get("adam", 0) == 1
    if has_adam:
        optimiser = torch.optim.Adam(groups, lr=1, betas=(case.net["B1"], case.net["B2"]), eps=case.net["eps"])
    else:
        optimiser = torch.optim.SGD(groups, lr=1, momentum=case.net["momentum"])
    images = torch.tensor(numpy.stack([picture.pixels for picture in pictures]).astype("f4"), dtype=dtype)
    seen, records, snapshots = case.seen, [], {}
    for number in range(1, (ITERATIONS[1] if kind == "exact" else ITERATIONS[-1]) + 1):
        optimiser.zero_grad()
        losses = []
        for _ in range(case.subdivisions):
            seen += len(pictures)
            output = forward(parameters, images, kind == "exact")
            losses.append(region_loss(output, pictures, case.region, seen < PRIOR_PICTURES))
            losses[-1].objective.backward()
        rate = case.rate(seen // BATCH)
        for group in optimiser.param_groups:
            group["lr"] = rate if has_adam else rate / BATCH
        optimiser.step()
        truths = sum(loss.truths for loss in losses)
        record = {"learning_rate": rate, "loss": sum(loss.cost for loss in losses) / BATCH,
                  "iou": sum(loss.iou for loss in losses) / truths,
                  "recall": sum(loss.recalled for loss in losses) / truths}
        for name in ("objective", "box", "objectness", "no_objectness", "classes"):
            record[name] = float(sum(getattr(loss, name).detach() for loss in losses)) / BATCH
        records.append(record)
        if number in ITERATIONS:
            snapshots[number] = {key: values.detach().numpy().copy() for key, values in parameters.items()}
    return snapshots, records


# Lookout


def train_lookout(
    lookout: pathlib.Path, case: Case, start: dict, folder: pathlib.Path
) -> tuple[dict[int, dict], list[dict]]:
    net = {"batch": BATCH, "subdivisions": case.subdivisions, "width": WIDTH, "height": HEIGHT, **case.net}
    cfg, weights = folder / "small.cfg", folder / "start.weights"
    cfg.write_text(peers.cfg(net, case.region))
    peers.write_weights(weights, start, case.seen)
    snapshots, records = {}, []
    for count in ITERATIONS:
        output = folder / f"after{count}"
        done = subprocess.run(
            [lookout, "train", folder / "train.list", cfg, weights, "--no-augment", "--order", "shuffled",
             "--precision", "fp32", "--max-batches", str(case.seen // BATCH + count), "--validate-every", "0",
             "--output", output, "--restart", "--quiet"],
            capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        snapshots[count] = peers.read_weights(output / "small_final.weights")
        log = (output / "small.train.jsonl").read_text().splitlines()
        records = [entry for entry in map(json.loads, log) if entry["type"] == "iteration"]
    return snapshots, records


# Both


def differences(ours: dict, theirs: dict, start: dict) -> dict[tuple, tuple[float, float]]:
    """By parameter: of what it changed by since the start, and of itself."""
    import numpy

    found = {}
    for key, values in theirs.items():
        apart = numpy.linalg.norm(ours[key].astype("f8") - values)
        change = numpy.linalg.norm(values - start[key].astype("f8"))
        found[key] = apart / change, apart / numpy.linalg.norm(values)
    return found


def worst(found: dict[tuple, tuple[float, float]]) -> str:
    """Of the parameters that moved by more than rounding shows, and of all."""
    layer, name = max(found, key=lambda key: found[key][0] if found[key][1] > ROUNDING else 0)
    of_change, of_size = found[layer, name]
    if of_size <= ROUNDING:
        return f"{max(pair[1] for pair in found.values()):.0e} of the values"
    return (
        f"{of_change:.1e} of the change (layer {layer} {name}), "
        f"{max(pair[1] for pair in found.values()):.0e} of the values")


def print_layers(found: dict[tuple, tuple[float, float]]) -> None:
    for (layer, name), (of_change, of_size) in found.items():
        print(f"    layer {layer:2} {name:9} {of_change:.1e} of its change, {of_size:.1e} of itself")


def curve_difference(ours: list[dict], theirs: list[dict], name: str) -> float:
    scale = max(abs(record[name]) for record in theirs)
    return max(abs(a[name] - b[name]) / scale for a, b in zip(ours, theirs, strict=True))


def compare(lookout: pathlib.Path, case: Case, data: pathlib.Path, start: dict, shows_layers: bool) -> bool:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for part in ("images", "labels"):
            (folder / part).mkdir()
        # As many as a part of the batch: every part sees them all.
        pictures = make_pictures(data, folder, BATCH // case.subdivisions)
        (folder / "train.list").write_text(
            "".join(f"{path}\n" for path in sorted((folder / "images").glob("*.png"))))
        ours = train_lookout(lookout, case, start, folder)
    peer = {kind: train_peer(case, start, pictures, kind) for kind in ("fp64", "fp32", "exact")}
    print(f"{case.name}:")
    holds = True
    for count in ITERATIONS:
        found = differences(ours[0][count], peer["fp64"][0][count], start)
        told = [
            f"{kind} {worst(differences(peer[kind][0][count], peer['fp64'][0][count], start))}"
            for kind in ("fp32", "exact") if count in peer[kind][0]]
        print(f"  after {count:3}: {worst(found)}; PyTorch from its fp64: {', '.join(told)}")
        if shows_layers:
            print_layers(found)
        holds = holds and all(of_change <= TOLERANCE or of_size <= ROUNDING for of_change, of_size in found.values())
    curves = {
        name: curve_difference(ours[1], peer["fp64"][1], name)
        for name in ("learning_rate", "loss", "objective", "box", "objectness", "no_objectness", "classes", "iou",
                     "recall")}
    print("  curves, of their largest value: " + ", ".join(f"{name} {value:.1e}" for name, value in curves.items()))
    first, last = peer["fp64"][1][0], peer["fp64"][1][-1]
    told = (f"{name} {first[name]:.3f} to {last[name]:.3f}" for name in ("objective", "iou"))
    print(f"  {', '.join(told)}")
    return holds and all(value <= TOLERANCE for value in curves.values())


def main() -> int:
    peers.enter_environment(*PACKAGES)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lookout", type=pathlib.Path, default=peers.LOOKOUT)
    parser.add_argument("--layers", action="store_true", help="print every layer's differences")
    parser.add_argument(
        "--usual", action="store_true", help="begin with small biases, where rounding decides, in PyTorch alone too")
    parser.add_argument("--cases", type=int, nargs="*", default=[1, 2, 3], help="which, by number")
    arguments = parser.parse_args()
    if "LOOKOUT_DATA" not in os.environ:
        parser.error("LOOKOUT_DATA must name the test data")
    data = pathlib.Path(os.environ["LOOKOUT_DATA"])
    cases = [CASES[number - 1] for number in arguments.cases]
    start = initial_weights(arguments.usual)
    results = [compare(arguments.lookout, case, data, start, arguments.layers) for case in cases]
    failed = [case.name for case, holds in zip(cases, results) if not holds]
    print(f"apart by more than {TOLERANCE}: {'; '.join(failed)}" if failed else f"all within {TOLERANCE}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
