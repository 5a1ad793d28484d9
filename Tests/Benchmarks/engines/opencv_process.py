"""What OpenCV's users write to run a YOLOv2 model over a video: the peer of `lookout process`.

usage: opencv_process.py CFG WEIGHTS NAMES VIDEO EVENTS.jsonl SIZE THRESHOLD NMS [ANNOTATED.mp4]

The frame is stretched to SIZE x SIZE (blobFromImage does not letterbox). One JSON line a frame.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np

GREEN = (0, 255, 0)


def detect(
    network: Any, frame: np.ndarray, size: int, threshold: float, nms: float
) -> list[tuple[int, float, list[int]]]:
    """Class, confidence and box (left, top, width, height in pixels) of what stands above the threshold."""
    height, width = frame.shape[:2]
    network.setInput(cv2.dnn.blobFromImage(frame, 1 / 255, (size, size), swapRB=True, crop=False))
    rows = network.forward()  # [predictors, cx cy w h objectness classes...], relative to the frame
    scores = rows[:, 5:]
    best = scores.argmax(axis=1)
    confidence = scores[np.arange(len(rows)), best]
    candidates = np.flatnonzero(confidence > threshold)
    if candidates.size == 0:
        return []
    boxes = rows[candidates, :4] * (width, height, width, height)
    boxes[:, :2] -= boxes[:, 2:] / 2
    corners = boxes.astype(int).tolist()
    kept = cv2.dnn.NMSBoxesBatched(corners, confidence[candidates].tolist(), best[candidates].tolist(), threshold, nms)
    return [(int(best[candidates[i]]), float(confidence[candidates[i]]), corners[i]) for i in kept]


def draw(frame: np.ndarray, name: str, confidence: float, box: list[int]) -> None:
    left, top, width, height = box
    cv2.rectangle(frame, (left, top), (left + width, top + height), GREEN, 2)
    cv2.putText(frame, f"{name} {confidence:.2f}", (left, max(top - 5, 12)), cv2.FONT_HERSHEY_SIMPLEX, 0.5, GREEN, 1)


def open_writer(path: str, capture: cv2.VideoCapture) -> cv2.VideoWriter:
    size = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    # PyPI's OpenCV has no H.264 encoder, so this is MPEG-4 part 2.
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"mp4v"), capture.get(cv2.CAP_PROP_FPS), size)
    if not writer.isOpened():
        sys.exit(f"cannot write {path}")
    return writer


def main(arguments: list[str]) -> None:
    cfg, weights, names_file, video, events, size, threshold, nms, *annotated = arguments
    names = Path(names_file).read_text().splitlines()
    network = cv2.dnn.readNetFromDarknet(cfg, weights)
    capture = cv2.VideoCapture(video)
    if not capture.isOpened():
        sys.exit(f"cannot read {video}")
    writer = open_writer(annotated[0], capture) if annotated else None
    with open(events, "w") as log:
        index = 0
        while True:
            more, frame = capture.read()
            if not more:
                break
            found = detect(network, frame, int(size), float(threshold), float(nms))
            record = [{"class": names[c], "confidence": round(p, 4), "box": box} for c, p, box in found]
            log.write(json.dumps({"frame": index, "detections": record}) + "\n")
            if writer:
                for c, p, box in found:
                    draw(frame, names[c], p, box)
                writer.write(frame)
            index += 1
    if writer:
        writer.release()


if __name__ == "__main__":
    main(sys.argv[1:])
