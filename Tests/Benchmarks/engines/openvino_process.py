"""What OpenVINO's users write with OpenCV to run a YOLOv2 model over a video.

usage: openvino_process.py CFG MODEL.onnx|MODEL.xml NAMES VIDEO EVENTS.jsonl SIZE THRESHOLD NMS fp32|int8
       [ANNOTATED.mp4]

The frame is stretched to SIZE x SIZE. One JSON line a frame, in order.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from openvino_stream import OrderedInference
from video import open_capture, open_writer
from yolo_output import RegionDecoder, draw, record


def main(arguments: list[str]) -> None:
    cfg, model, names_file, video, events, size, threshold, nms, precision, *annotated = arguments
    names = Path(names_file).read_text().splitlines()
    inference, decode = OrderedInference(model, int(size), precision), RegionDecoder(cfg, float(threshold), float(nms))
    capture = open_capture(video)
    writer = open_writer(annotated[0], capture) if annotated else None
    with open(events, "w", buffering=1) as log:
        index = 0

        def finish(outputs: Iterable[tuple[np.ndarray, np.ndarray]]) -> None:
            nonlocal index
            for output, frame in outputs:
                found = decode(output, frame.shape[1], frame.shape[0])
                print(record(index, found, names), file=log)
                if writer:
                    draw(frame, found, names)
                    writer.write(frame)
                index += 1

        while True:
            more, frame = capture.read()
            if not more:
                break
            finish(inference.put(cv2.resize(frame, (int(size), int(size))), frame))
        finish(inference.rest())
    if writer:
        writer.release()


if __name__ == "__main__":
    main(sys.argv[1:])
