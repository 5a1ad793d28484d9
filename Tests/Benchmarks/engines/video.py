"""Reading and writing videos with OpenCV."""

from __future__ import annotations

import sys

import cv2


def open_capture(path: str) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(path)
    if not capture.isOpened():
        sys.exit(f"cannot read {path}")
    return capture


def open_writer(path: str, capture: cv2.VideoCapture) -> cv2.VideoWriter:
    size = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    # PyPI's OpenCV has no H.264 encoder, so this is MPEG-4 part 2.
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"mp4v"), capture.get(cv2.CAP_PROP_FPS), size)
    if not writer.isOpened():
        sys.exit(f"cannot write {path}")
    return writer
