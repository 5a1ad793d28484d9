"""What OpenCV's users write to run a YOLOv2 model over a video: the peer of `lookout process`.

usage: opencv_process.py CFG WEIGHTS NAMES VIDEO EVENTS.jsonl SIZE THRESHOLD NMS [ANNOTATED.mp4]

The frame is stretched to SIZE x SIZE (blobFromImage does not letterbox). One JSON line a frame.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from video import open_capture, open_writer
from yolo_output import Detection, draw, record


def detect(network: Any, frame: np.ndarray, size: int, threshold: float, nms: float) -> list[Detection]:
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
    return [Detection(int(best[candidates[i]]), float(confidence[candidates[i]]), corners[i]) for i in kept]


def main(arguments: list[str]) -> None:
    cfg, weights, names_file, video, events, size, threshold, nms, *annotated = arguments
    names = Path(names_file).read_text().splitlines()
    network = cv2.dnn.readNetFromDarknet(cfg, weights)
    capture = open_capture(video)
    writer = open_writer(annotated[0], capture) if annotated else None
    with open(events, "w", buffering=1) as log:
        index = 0
        while True:
            more, frame = capture.read()
            if not more:
                break
            found = detect(network, frame, int(size), float(threshold), float(nms))
            print(record(index, found, names), file=log)
            if writer:
                draw(frame, found, names)
                writer.write(frame)
            index += 1
    if writer:
        writer.release()


if __name__ == "__main__":
    main(sys.argv[1:])
