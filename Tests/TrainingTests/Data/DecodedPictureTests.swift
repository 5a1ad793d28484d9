import Foundation
import Media
import TestSupport
import Testing

@testable import Training

@Suite struct DecodedPictureTests {
    @Test func pixelsAreTheFiles() throws {
        let pictures = try MadePictures()
        let pixel = { (x: Int, y: Int) in [UInt8(x * 5), UInt8(y * 8), UInt8((x + y) * 3)] }
        let path = try pictures.add("ramp.png", width: 40, height: 30, pixel)
        let picture = try DecodedPicture(path, mostPixels: 1000, interrupt: Interrupt())
        #expect(picture.size == PixelSize(width: 40, height: 30) && picture.kept == picture.size)
        var worst = 0
        for y in 0..<30 {
            for x in 0..<40 {
                for (color, value) in pixel(x, y).enumerated() {
                    worst = max(worst, abs(Int(picture.planes[(color * 30 + y) * 40 + x]) - Int(value)))
                }
            }
        }
        // The writer goes through YUV.
        #expect(worst <= 3)
    }

    @Test func largePicturesAreKeptSmaller() throws {
        let pictures = try MadePictures()
        let path = try pictures.add("large.png", width: 300, height: 200) { x, y in [UInt8(x * 255 / 299), 0, 0] }
        let picture = try DecodedPicture(path, mostPixels: 90, interrupt: Interrupt())
        #expect(picture.size == PixelSize(width: 300, height: 200))
        #expect(picture.kept == PixelSize(width: 90, height: 60) && picture.byteCount == 3 * 90 * 60)
        // Drawn, it is the same but for what the smaller one has lost.
        let view = Augmentation.crop(
            picture.size, PixelSize(width: 32, height: 32), left: 60, right: 30, top: 10, bottom: 20)
        let whole = try DecodedPicture(path, mostPixels: 1000, interrupt: Interrupt())
        let draw = { (picture: DecodedPicture) in
            [Float](unsafeUninitializedCapacity: 3 * 32 * 32) { values, count in
                values.initialize(repeating: 0)
                if let base = values.baseAddress {
                    let canvas = InputCanvas(values: base, size: PixelSize(width: 32, height: 32))
                    PictureSampler().draw(picture, view, ColorShift(), into: canvas, part: canvas.whole)
                }
                count = values.count
            }
        }
        for (a, b) in zip(draw(whole), draw(picture)) { #expect(abs(a - b) < 0.02) }
    }

    @Test(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage)) func othersThanPictures() throws {
        let clip = try FFmpegTool.clip("clip.mp4", ["-f", "lavfi", "-i", "testsrc=size=64x48:duration=1"])
        // The first frame of a video will do.
        let picture = try DecodedPicture(clip, mostPixels: 100, interrupt: Interrupt())
        #expect(picture.size == PixelSize(width: 64, height: 48))
        #expect(throws: MediaError.self) {
            try DecodedPicture("/dev/zero", mostPixels: 100, interrupt: Interrupt())
        }
    }

    /// However a JPEG is cut, it is seen.
    @Test func cutJPEGsAreRefused() throws {
        let pictures = try MadePictures()
        var random = SampleRandom(seed: 1, sample: 1, purpose: .color)
        let path = try pictures.add("whole.jpg", width: 64, height: 48) { _, _ in
            (0..<3).map { _ in UInt8(random.below(256)) }
        }
        let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
        _ = try DecodedPicture(path, mostPixels: 100, interrupt: Interrupt())
        for part in stride(from: 0, to: bytes.count, by: 97) {
            let cut = try pictures.folder.write(bytes.prefix(part), to: "cut.jpg")
            #expect(throws: MediaError.self, "\(part) bytes of \(bytes.count)") {
                try DecodedPicture(cut, mostPixels: 100, interrupt: Interrupt())
            }
        }
        // Some cameras leave bytes behind the end.
        let long = try pictures.folder.write(bytes + Array(repeating: 0, count: 1000), to: "long.jpg")
        _ = try DecodedPicture(long, mostPixels: 100, interrupt: Interrupt())
    }
}
