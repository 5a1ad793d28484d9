"""What GStreamer's users write to run a YOLOv2 model with OpenVINO over a video: its elements read, scale and encode.

usage: gstreamer_process.py CFG MODEL.onnx|MODEL.xml NAMES VIDEO EVENTS.jsonl SIZE THRESHOLD NMS fp32|int8
       [ANNOTATED.mp4]

The frame is stretched to SIZE x SIZE. One JSON line a frame, in order. The encoder is set as Lookout's.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from openvino_stream import OrderedInference
from yolo_output import RegionDecoder, draw, record

# The bindings are Debian's, as are the plugins; what the virtual environment holds too comes from there.
sys.path.append("/usr/lib/python3/dist-packages")
import gi  # noqa: E402

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

READ = "filesrc location={file} ! decodebin ! tee name=frames "
# Scaled before it is converted: fewer pixels to convert.
NETWORK = (
    "frames. ! queue max-size-buffers=4 ! videoscale add-borders=false ! video/x-raw,width={size},height={size} "
    "! videoconvert ! video/x-raw,format=BGR ! appsink name=network sync=false max-buffers=4 "
)
PICTURE = (
    "frames. ! queue max-size-buffers=4 ! videoconvert ! video/x-raw,format=BGR "
    "! appsink name=picture sync=false max-buffers=4"
)
WRITE = (
    "appsrc name=in format=time block=true max-buffers=4 ! queue max-size-buffers=4 ! videoconvert "
    "! video/x-raw,format=I420 ! x264enc speed-preset=veryfast pass=qual quantizer=23 "
    "! video/x-h264,profile=high ! h264parse ! mp4mux ! filesink location={file}"
)


class Pipeline:
    def __init__(self, description: str) -> None:
        self.pipeline = Gst.parse_launch(description)
        self.pipeline.set_state(Gst.State.PLAYING)

    def samples(self, name: str) -> Iterator[tuple[np.ndarray, Gst.Sample]]:
        """Pictures of an appsink, rows x columns x BGR, to the end."""
        sink = self.pipeline.get_by_name(name)
        while True:
            sample = sink.emit("try-pull-sample", Gst.SECOND)
            if not sample:
                self.check()
                if sink.get_property("eos"):
                    return
                continue
            caps, buffer = sample.get_caps().get_structure(0), sample.get_buffer()
            data = np.frombuffer(buffer.extract_dup(0, buffer.get_size()), np.uint8)
            rows = data.reshape(caps.get_value("height"), -1)
            yield rows[:, : 3 * caps.get_value("width")].reshape(len(rows), -1, 3), sample

    def frame_size(self) -> tuple[int, int]:
        caps = self.pipeline.get_by_name("frames").get_static_pad("sink").get_current_caps().get_structure(0)
        return caps.get_value("width"), caps.get_value("height")

    def check(self, seconds: float = 0) -> None:
        """Waits for the end for so long, and exits with what went wrong."""
        kinds = Gst.MessageType.ERROR | (Gst.MessageType.EOS if seconds else Gst.MessageType.ERROR)
        message = self.pipeline.get_bus().timed_pop_filtered(int(seconds * Gst.SECOND), kinds)
        if message and message.type == Gst.MessageType.ERROR:
            sys.exit(f"GStreamer: {message.parse_error()[0].message}")

    def close(self) -> None:
        self.pipeline.set_state(Gst.State.NULL)


class Writer(Pipeline):
    """Takes the caps of the first picture."""

    def __init__(self, file: str) -> None:
        super().__init__(WRITE.format(file=json.dumps(file)))
        self.source = self.pipeline.get_by_name("in")

    def write(self, picture: np.ndarray, sample: Gst.Sample) -> None:
        if not self.source.get_property("caps"):
            self.source.set_property("caps", sample.get_caps())
        given, buffer = sample.get_buffer(), Gst.Buffer.new_wrapped(picture.tobytes())
        buffer.pts, buffer.duration = given.pts, given.duration
        self.source.emit("push-buffer", buffer)

    def finish(self) -> None:
        self.source.emit("end-of-stream")
        self.check(seconds=60)
        self.close()


def main(arguments: list[str]) -> None:
    cfg, model, names_file, video, events, size, threshold, nms, precision, *annotated = arguments
    Gst.init(None)
    names = Path(names_file).read_text().splitlines()
    inference, decode = OrderedInference(model, int(size), precision), RegionDecoder(cfg, float(threshold), float(nms))
    description = READ.format(file=json.dumps(video)) + NETWORK.format(size=size) + (PICTURE if annotated else "")
    pipeline = Pipeline(description)
    pictures = pipeline.samples("picture") if annotated else None
    frame_size: tuple[int, int] | None = None
    writer = Writer(annotated[0]) if annotated else None
    with open(events, "w", buffering=1) as log:
        index = 0

        def finish(outputs: Iterable[tuple[np.ndarray, tuple[int, int]]]) -> None:
            nonlocal index
            for output, (width, height) in outputs:
                found = decode(output, width, height)
                print(record(index, found, names), file=log)
                if writer and pictures:
                    picture, sample = next(pictures)
                    picture = picture.copy()
                    draw(picture, found, names)
                    writer.write(picture, sample)
                index += 1

        for picture, _ in pipeline.samples("network"):
            frame_size = frame_size or pipeline.frame_size()
            finish(inference.put(picture, frame_size))
        finish(inference.rest())
    pipeline.close()
    if writer:
        writer.finish()


if __name__ == "__main__":
    main(sys.argv[1:])
