"""What users of an engine without Darknet's region layer write after its forward pass: decoding, NMS, record, boxes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from darknet_model import sections

GREEN = (0, 255, 0)


class Detection(NamedTuple):
    class_index: int
    confidence: float
    box: list[int]  # left, top, width, height in pixels of the frame


class RegionDecoder:
    def __init__(self, cfg: str, threshold: float, nms: float) -> None:
        options = dict(sections(Path(cfg)))["region"]
        self.anchors = np.array(options["anchors"].split(","), np.float32).reshape(-1, 2)
        self.threshold, self.nms = threshold, nms

    def __call__(self, output: np.ndarray, width: int, height: int) -> list[Detection]:
        """`output`: what the last convolution gives for one frame, channels x rows x columns."""
        rows, columns = output.shape[-2:]
        values = output.reshape(len(self.anchors), -1, rows, columns)
        objectness = _logistic(values[:, 4])
        anchor, row, column = np.nonzero(objectness > self.threshold)
        if anchor.size == 0:
            return []
        found = values[anchor, :, row, column]
        scores = np.exp(found[:, 5:] - found[:, 5:].max(axis=1, keepdims=True))
        scores *= (objectness[anchor, row, column] / scores.sum(axis=1))[:, None]
        best = scores.argmax(axis=1)
        confidence = scores[np.arange(len(scores)), best]
        sizes = np.exp(found[:, 2:4]) * self.anchors[anchor] * (width / columns, height / rows)
        centres = (_logistic(found[:, :2]) + np.stack([column, row], 1)) * (width / columns, height / rows)
        boxes = np.concatenate([centres - sizes / 2, sizes], 1).astype(int).tolist()
        kept = cv2.dnn.NMSBoxesBatched(boxes, confidence.tolist(), best.tolist(), self.threshold, self.nms)
        return [Detection(int(best[i]), float(confidence[i]), boxes[i]) for i in kept]


def _logistic(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def record(index: int, detections: list[Detection], names: list[str]) -> str:
    shown = [{"class": names[c], "confidence": round(p, 4), "box": box} for c, p, box in detections]
    return json.dumps({"frame": index, "detections": shown})


def draw(frame: np.ndarray, detections: list[Detection], names: list[str]) -> None:
    for class_index, confidence, (left, top, width, height) in detections:
        cv2.rectangle(frame, (left, top), (left + width, top + height), GREEN, 2)
        at, text = (left, max(top - 5, 12)), f"{names[class_index]} {confidence:.2f}"
        cv2.putText(frame, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, GREEN, 1)
