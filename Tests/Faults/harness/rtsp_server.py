#!/usr/bin/python3
"""The cameras of a scenario: an RTSP server as a process of its own, so that it can be killed.

    rtsp_server.py '{"port": 8554, "mounts": {"/gate": {"clips": ["a.mp4", "b.mp4"]}}}'

Every mount plays its first clip (H.264 in MP4) for ever in real time, passed through, the same for all who watch. A
line `switch /gate 1` on stdin goes on with the second clip from its first picture, in the midst of the connections.
Says `ready` on stdout when it listens, and ends when stdin does.

Keys of a mount: `clips`; `rtcp` (true: sender reports). Keys beside `mounts`: `port`; `user`, `password` and `digest`
(false: Basic).
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

READ = (
    "filesrc location={} ! qtdemux ! h264parse config-interval=-1 "
    "! video/x-h264,stream-format=byte-stream,alignment=au ! appsink name=out sync=false"
)
# The parser repeats the parameter sets before every key picture: a client may join, and a clip change, at each.
PLAY = (
    "( appsrc name=in is-live=true format=time caps=video/x-h264,stream-format=byte-stream,alignment=au "
    "! identity sync=true ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 )"
)


class Clip:
    """The coded pictures of a file, with their times in nanoseconds from its start."""

    def __init__(self, path: str) -> None:
        pipeline = Gst.parse_launch(READ.format(json.dumps(path)))
        sink = pipeline.get_by_name("out")
        pipeline.set_state(Gst.State.PLAYING)
        self.pictures: list[tuple[bytes, int, int]] = []
        while sample := sink.emit("pull-sample"):
            buffer = sample.get_buffer()
            self.pictures.append((buffer.extract_dup(0, buffer.get_size()), buffer.pts, buffer.dts))
        pipeline.set_state(Gst.State.NULL)
        if len(self.pictures) < 2:
            raise SystemExit(f"{path}: no H.264 in an MP4")
        first, last = self.pictures[0][2], self.pictures[-1][2]
        self.seconds = (last - first) * len(self.pictures) // (len(self.pictures) - 1)


class Mount:
    def __init__(self, options: dict[str, Any], clips: dict[str, Clip]) -> None:
        self.clips = [clips[path] for path in options["clips"]]
        self.playing = 0
        self.factory = GstRtspServer.RTSPMediaFactory()
        self.factory.set_launch(PLAY)
        self.factory.set_shared(True)
        self.factory.set_enable_rtcp(options.get("rtcp", True))
        self.factory.connect("media-configure", lambda _, media: Feeder(self, media))


class Feeder:
    """Feeds one medium: the pictures of the mount's clip again and again, their times going on."""

    def __init__(self, mount: Mount, media: GstRtspServer.RTSPMedia) -> None:
        self.mount = mount
        self.clip, self.next, self.start = mount.clips[mount.playing], 0, 0
        self.newest = 0  # presentation time
        media.get_element().get_by_name("in").connect("need-data", self.feed)

    def feed(self, source: Gst.Element, _: int) -> None:
        wanted = self.mount.clips[self.mount.playing]
        if self.next == len(self.clip.pictures):
            self.next, self.start = 0, self.start + self.clip.seconds
        if wanted is not self.clip:
            self.start = self.newest + self.clip.seconds // len(self.clip.pictures) - wanted.pictures[0][1]
            self.clip, self.next = wanted, 0
        data, pts, dts = self.clip.pictures[self.next]
        buffer = Gst.Buffer.new_wrapped(data)
        buffer.pts, buffer.dts = self.start + pts, self.start + dts
        self.newest = max(self.newest, buffer.pts)
        self.next += 1
        source.emit("push-buffer", buffer)


def ask_for_password(server: GstRtspServer.RTSPServer, mounts: list[Mount], options: dict[str, Any]) -> None:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if options.get("digest", True):
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(options["user"], options["password"], token)
    else:
        basic = GstRtspServer.RTSPAuth.make_basic(options["user"], options["password"])
        auth.add_basic(basic, token)
    server.set_auth(auth)
    for mount in mounts:
        permissions = GstRtspServer.RTSPPermissions()
        for what in ("media.factory.access", "media.factory.construct"):
            permissions.add_permission_for_role("viewer", what, True)
        mount.factory.set_permissions(permissions)


def main() -> None:
    options = json.loads(sys.argv[1])
    Gst.init(None)
    clips = {path: Clip(path) for mount in options["mounts"].values() for path in mount["clips"]}
    mounts = {path: Mount(mount, clips) for path, mount in options["mounts"].items()}
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(options["port"]))
    for path, mount in mounts.items():
        server.get_mount_points().add_factory(path, mount.factory)
    if "user" in options:
        ask_for_password(server, list(mounts.values()), options)
    if not server.attach(None):
        raise SystemExit(f"cannot listen on port {options['port']}")
    # Clients that vanished without a word.
    GLib.timeout_add_seconds(5, lambda: server.get_session_pool().cleanup() >= 0)
    loop = GLib.MainLoop()

    def obey() -> None:
        for line in sys.stdin:
            _, path, clip = line.split()
            mounts[path].playing = int(clip)
        loop.quit()

    threading.Thread(target=obey, daemon=True).start()
    print("ready", flush=True)
    loop.run()


if __name__ == "__main__":
    main()
