import CFFmpeg
import Foundation
import TestSupport
import Testing

@testable import Media

@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct CanvasTests {
    @Test func `copies pixels exactly`() throws {
        let frame = try ReadVideo(Clip.h264MP4.path()).frames[5]
        let maker = try CanvasMaker(like: frame, format: VideoCodec(named: "h264", subject: "").format)
        let canvas = try maker.canvas(for: frame)
        #expect(try canvas.yuv420Bytes() == frame.yuv420Bytes())
        #expect(canvas.index == 5)
        #expect(canvas.timestamp == frame.timestamp)
        #expect(canvas.timeBase == frame.timeBase)
        #expect(maker.placement == PicturePlacement(x: 0, y: 0, width: 128, height: 96))
    }

    @Test func `is apart from the frame it copies`() throws {
        let frame = try ReadVideo(Clip.h264MP4.path()).frames[0]
        let before = try frame.yuv420Bytes()
        let maker = try CanvasMaker(like: frame, format: VideoCodec(named: "h264", subject: "").format)
        let canvas = try maker.canvas(for: frame)
        let planes = try #require(canvas.yuvImage)
        planes.y.update(repeating: 200, count: planes.yStride * 96)
        #expect(try frame.yuv420Bytes() == before)
        #expect(try maker.canvas(for: frame).yuv420Bytes() == before)
    }

    @Test func `is the frame itself where nothing is drawn`() throws {
        let frame = try ReadVideo(Clip.h264MP4.path()).frames[5]
        let maker = try CanvasMaker(like: frame, format: VideoCodec(named: "h264", subject: "").format)
        let canvas = try maker.canvas(for: frame, isDrawn: false)
        for plane in 0..<3 {
            #expect(canvas.planes[plane] == frame.planes[plane])
            #expect(canvas.lineSizes[plane] == frame.lineSizes[plane])
        }
        #expect(canvas.index == 5 && canvas.timestamp == frame.timestamp && canvas.timeBase == frame.timeBase)
        // The encoder is not to repeat the source's choice of key frames.
        #expect(canvas.pointer.pointee.pict_type == AV_PICTURE_TYPE_NONE)
        #expect(frame.pointer.pointee.pict_type != AV_PICTURE_TYPE_NONE)
    }

    /// An encoder cannot take what has another size or other samples than the canvases.
    @Test func `is a copy where the frame itself will not do`() throws {
        let (odd, wide, square) = (
            try ReadVideo(Clip.odd.path()).frames[0], try ReadVideo(Clip.h264MP4.path()).frames[0],
            try ReadVideo(Clip.smallTS.path()).frames[0]
        )
        let h264 = try VideoCodec(named: "h264", subject: "").format
        for (first, frame, format) in [
            (odd, odd, h264), (wide, square, h264), (wide, wide, AV_PIX_FMT_YUVJ420P), (wide, wide, AV_PIX_FMT_YUV444P),
        ] {
            let maker = try CanvasMaker(like: first, format: format)
            let canvas = try maker.canvas(for: frame, isDrawn: false)
            #expect(canvas.planes[0] != frame.planes[0])
            #expect(canvas.width == maker.width && canvas.height == maker.height && canvas.format == format)
        }
    }

    @Test func `repeats the edges of odd sizes`() throws {
        let frame = try ReadVideo(Clip.odd.path()).frames[0]
        let canvas = try CanvasMaker(like: frame, format: VideoCodec(named: "h264", subject: "").format).canvas(
            for: frame)
        #expect(canvas.width == 128)
        #expect(canvas.height == 96)
        let luma = try canvas.bytes(plane: 0, width: 128, height: 96)
        let rows = (0..<96).map { Array(luma[$0 * 128..<($0 + 1) * 128]) }
        #expect(rows.allSatisfy { $0[127] == $0[126] })
        #expect(rows[95] == rows[94])
        #expect(try luma[0] == frame.bytes(plane: 0, width: 1, height: 1)[0])
    }

    @Test func `fits a picture of another shape in, on black`() throws {
        let (wide, square) = (
            try ReadVideo(Clip.h264MP4.path()).frames[0], try ReadVideo(Clip.smallTS.path()).frames[0]
        )
        let maker = try CanvasMaker(like: wide, format: VideoCodec(named: "h264", subject: "").format)
        let canvas = try maker.canvas(for: square)
        #expect(maker.placement == PicturePlacement(x: 16, y: 0, width: 96, height: 96))
        let luma = try canvas.bytes(plane: 0, width: 128, height: 96)
        let rows = (0..<96).map { Array(luma[$0 * 128..<($0 + 1) * 128]) }
        #expect(rows.allSatisfy { Set($0.prefix(16) + $0.suffix(16)) == [16] })
        // The same size: scaled by one.
        #expect(try rows.flatMap { $0[16..<112] } == square.bytes(plane: 0, width: 96, height: 96))
        // And back to the first size.
        #expect(try maker.canvas(for: wide).yuv420Bytes() == wide.yuv420Bytes())
        #expect(maker.placement == PicturePlacement(x: 0, y: 0, width: 128, height: 96))
    }

    @Test(arguments: [(96, 54), (54, 96), (1000, 10), (10, 1000), (2, 2), (127, 95), (33, 17)])
    func `leaves black what lies beside a fitted picture`(_ width: Int, _ height: Int) throws {
        let clip = Clip("fit-\(width)x\(height).png", from: "color=white:s=\(width)x\(height)", "-frames:v 1")
        let maker = try CanvasMaker(
            like: ReadVideo(Clip.h264MP4.path()).frames[0], format: VideoCodec(named: "h264", subject: "").format)
        let canvas = try maker.canvas(for: ReadVideo(clip.path()).frames[0])
        let place = maker.placement
        let luma = try canvas.bytes(plane: 0, width: 128, height: 96)
        for y in 0..<96 {
            for x in 0..<128 {
                let across = x >= place.x && x < place.x + place.width
                let down = y >= place.y && y < place.y + place.height
                let value = luma[y * 128 + x]
                #expect(across && down ? value > 200 : value == 16, "\(x), \(y)")
            }
        }
    }

    @Test func `fits a picture into one of a single pixel`() throws {
        let tiny = try ReadVideo(
            Clip("one.png", from: "color=white:s=2x2", "-frames:v 1 -vf format=gray,crop=1:1").path())
        let large = try ReadVideo(Clip.png.path())
        let writer = try PictureWriter(like: tiny.frames[0], format: .png, subject: "one.png")
        _ = try writer.canvas(for: large.frames[0])
        #expect(writer.placement == PicturePlacement(x: 0, y: 0, width: 1, height: 1))
    }
}

@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct PictureWriterTests {
    /// The test picture has sharp colours, which subsampled chroma smears, each way of reading it in its own way.
    @Test(arguments: [
        (Clip.png, 1.0, 14), (.odd, 1.0, 14), (.gif, 1.0, 14), (.still, 6, 6), (.h264MP4, 6, 6), (.fullRange, 6, 6),
    ])
    func `writes pictures that decode to the same`(_ clip: Clip, _ png: Double, _ jpeg: Double) throws {
        let folder = try TemporaryFolder()
        let frame = try ReadVideo(clip.path()).frames[0]
        for (format, tolerance) in [(PictureWriter.Format.png, png), (.jpeg, jpeg)] {
            let writer = try PictureWriter(like: frame, format: format, subject: "x")
            let bytes = try writer.encode(writer.canvas(for: frame))
            let again = try ReadVideo(folder.write(bytes, to: "copy.\(format.rawValue)")).frames
            try #require(again.count == 1)
            #expect(again[0].width == frame.width + (format == .jpeg ? frame.width % 2 : 0))
            #expect(again[0].height == frame.height + (format == .jpeg ? frame.height % 2 : 0))
            let error = try Pixels(frame).meanError(to: Pixels(again[0]))
            #expect(error < tolerance, "\(error)")
        }
    }

    /// JPEG is always BT.601: a BT.709 source's chroma cannot be kept as it is.
    @Test(arguments: [PictureWriter.Format.png, .jpeg])
    func `keeps the colours of a BT.709 source`(_ format: PictureWriter.Format) throws {
        let frame = try ReadVideo(Clip.bt709.path()).frames[0]
        let writer = try PictureWriter(like: frame, format: format, subject: "x")
        let folder = try TemporaryFolder()
        let bytes = try writer.encode(writer.canvas(for: frame))
        let (red, green, blue) = try Pixels(
            ReadVideo(folder.write(bytes, to: "copy.\(format.rawValue)")).frames[0])[32, 32]
        #expect(abs(red - 190) < 6 && abs(green - 31) < 6 && abs(blue - 14) < 6, "\(red) \(green) \(blue)")
    }

    @Test func `knows formats by extension`() {
        #expect(PictureWriter.Format(path: "a/b.PNG") == .png)
        #expect(PictureWriter.Format(path: "b.jpg") == .jpeg)
        #expect(PictureWriter.Format(path: "b") == .jpeg)
    }
}

@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct ScalerTests {
    @Test(arguments: [("red", 255, 0, 0), ("lime", 0, 255, 0), ("blue", 0, 0, 255)])
    func `knows matrices and ranges`(_ name: String, _ red: Int, _ green: Int, _ blue: Int) throws {
        let conversions = [
            "out_color_matrix=bt709:out_range=tv,format=yuv444p", "out_color_matrix=bt601:out_range=pc,format=yuv444p",
            "out_color_matrix=bt2020:out_range=tv,format=yuv444p",
        ]
        for (index, conversion) in conversions.enumerated() {
            let matrix = ["bt709", "smpte170m", "bt2020nc"][index]
            let clip = Clip(
                "\(name)\(index).mkv", from: "color=\(name):s=32x32:d=0.04,format=gbrp,scale=\(conversion)",
                "-c:v libx264 -qp 1 -colorspace \(matrix)")
            let (r, g, b) = try Pixels(ReadVideo(clip.path()).frames[0])[16, 16]
            #expect(abs(r - red) < 6 && abs(g - green) < 6 && abs(b - blue) < 6, "\(matrix): \(r) \(g) \(b)")
        }
    }
}
