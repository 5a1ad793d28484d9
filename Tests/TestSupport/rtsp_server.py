"""An RTSP server that takes publications (RECORD) of H.264 and writes their bare pictures to a file.

Usage: rtsp_server.py FILE [USER PASSWORD]
Prints the port it listens on; "recording" and "ended" as publishers come and go; "picture" for each that came. Ends
when stdin does.
"""
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer


def say(text):
    print(text, flush=True)


def main():
    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = GstRtspServer.RTSPMediaFactory.new()
    factory.set_transport_mode(GstRtspServer.RTSPTransportMode.RECORD)
    factory.set_protocols(GstRtsp.RTSPLowerTrans.TCP)
    factory.set_launch(
        "( rtph264depay name=depay0 ! h264parse config-interval=-1"
        " ! video/x-h264,stream-format=byte-stream,alignment=au ! appsink name=sink emit-signals=true sync=false )"
    )
    if len(sys.argv) > 3:
        auth = GstRtspServer.RTSPAuth.new()
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "publisher")
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(sys.argv[2], sys.argv[3], token)
        server.set_auth(auth)
        permissions = GstRtspServer.RTSPPermissions.new()
        permissions.add_permission_for_role("publisher", "media.factory.access", True)
        permissions.add_permission_for_role("publisher", "media.factory.construct", True)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory("/live", factory)

    file = open(sys.argv[1], "wb", buffering=0)

    def picture(sink):
        buffer = sink.emit("pull-sample").get_buffer()
        file.write(buffer.extract_dup(0, buffer.get_size()))
        say("picture")
        return Gst.FlowReturn.OK

    def configured(_, media):
        media.get_element().get_by_name("sink").connect("new-sample", picture)

    factory.connect("media-configure", configured)

    def connected(_, client):
        client.connect("record-request", lambda *_: say("recording"))
        client.connect("closed", lambda *_: say("ended"))

    server.connect("client-connected", connected)
    if server.attach(None) == 0:
        sys.exit("cannot listen")
    loop = GLib.MainLoop()

    def stop_at_end():
        sys.stdin.read()
        loop.quit()

    threading.Thread(target=stop_at_end, daemon=True).start()
    say(server.get_bound_port())
    loop.run()


main()
