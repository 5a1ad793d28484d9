import Foundation
import Media
import TestSupport

/// A clip that `ffmpeg` makes: a short moving test picture in some container and coding.
struct Clip: Sendable, CustomStringConvertible {
    /// The file's name; its extension says the container.
    let name: String
    /// What `ffmpeg` is told between its input and the name.
    let arguments: [String]
    var input = ["-f", "lavfi", "-i", "testsrc2=s=128x96:r=25:d=0.6"]

    init(_ name: String, _ arguments: String) {
        self.name = name
        self.arguments = arguments.split(separator: " ").map(String.init)
    }

    init(_ name: String, from input: String, _ arguments: String) {
        self.init(name, arguments)
        self.input = ["-f", "lavfi", "-i", input]
    }

    var description: String { name }

    /// The file's path; makes it at the first call.
    func path() throws -> String { try FFmpegTool.clip(name, input + arguments) }

    func bytes() throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(fileURLWithPath: path()))) }
}

extension Clip {
    private static let x264 = "-c:v libx264 -preset veryfast -threads 1"
    static let sound = "-f lavfi -i sine=d=0.6 -shortest"

    /// 15 frames with B-frames.
    static let h264MP4 = Clip("h264.mp4", "\(x264) -bf 2")
    static let h264TS = Clip("h264.ts", "\(x264) -bf 2")
    static let smallTS = Clip("small.ts", from: "testsrc2=s=96x96:r=25:d=0.4", x264)
    static let mpeg4AVI = Clip("mpeg4.avi", "-c:v mpeg4 -q:v 3")
    static let mjpegAVI = Clip("mjpeg.avi", "-c:v mjpeg -pix_fmt yuvj420p")
    static let gif = Clip("moving.gif", "")
    static let still = Clip("still.jpg", "-frames:v 1 -q:v 2")
    static let png = Clip("still.png", "-frames:v 1")
    static let matroska = Clip("h264.mkv", x264)
    static let webm = Clip("vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8")
    static let hevc = Clip("hevc.mp4", "-c:v libx265 -preset ultrafast -x265-params log-level=none")
    static let odd = Clip("odd.mp4", from: "testsrc2=s=128x96:r=25:d=0.4,format=yuv444p,crop=127:95", x264)
    static let fullRange = Clip("full.mp4", "\(x264) -pix_fmt yuvj420p")
    static let anamorphic = Clip("wide.mp4", "\(x264) -vf setsar=16/11")
    /// One colour, #C02010.
    static let bt709 = Clip(
        "bt709.mkv", from: "color=0xC02010:s=64x64:d=0.2,format=gbrp,scale=out_color_matrix=bt709,format=yuv420p",
        "\(x264) -qp 1 -colorspace bt709 -color_primaries bt709 -color_trc bt709")
    static let variableRate = Clip(
        "variable.mkv", "\(x264) -vf select='lt(n,4)+not(mod(n,4))' -vsync vfr")
    static let interlaced = Clip("interlaced.ts", "-c:v mpeg2video -flags +ildct+ilme -vf setfield=tff -b:v 1M")
    static let withSound = Clip("sound.mp4", "\(sound) -c:a aac \(x264) -bf 2")
    static let soundOnly = Clip("only.m4a", from: "sine=d=0.3", "-c:a aac")
    /// No timestamps in the file.
    static let rawH264 = Clip("raw.h264", x264)

    /// Every container and coding, each once.
    static let all: [Clip] = [
        h264MP4, h264TS, mpeg4AVI, mjpegAVI, gif, still, png, matroska, webm, hevc, odd, fullRange, anamorphic,
        variableRate, interlaced, withSound, rawH264,
        Clip("h264.mov", x264),
        Clip("h264.avi", "\(x264) -bf 2"),
        Clip("hevc.mkv", "-c:v libx265 -preset ultrafast -x265-params log-level=none"),
        Clip("mpeg4.mp4", "-c:v mpeg4 -bf 2"),
        Clip("mjpeg.mov", "-c:v mjpeg -pix_fmt yuvj422p"),
        Clip("mpeg2.mpg", "-c:v mpeg2video"),
        Clip("raw.mjpeg", "-c:v mjpeg -pix_fmt yuvj420p"),
        Clip("ten-bit.mp4", "\(x264) -pix_fmt yuv420p10le"),
        Clip("ten-bit.mkv", "-c:v libx265 -preset ultrafast -x265-params log-level=none -pix_fmt yuv422p10le"),
        Clip("moving.apng", "-f apng"),
        Clip("gray.png", "-frames:v 1 -pix_fmt gray16be"),
        Clip("palette.png", "-frames:v 1 -pix_fmt pal8"),
        Clip("alpha.png", "-frames:v 1 -pix_fmt rgba"),
        Clip("still.webp", "-frames:v 1"),
        Clip("still.bmp", "-frames:v 1"),
        Clip("tiny.png", from: "color=red:s=2x2", "-frames:v 1 -vf format=gray,crop=1:1"),
        Clip("fragments.mp4", "\(x264) -movflags frag_keyframe+empty_moov -g 5"),
    ]
}
