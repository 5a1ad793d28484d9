import CFFmpeg
import TestSupport
import Testing

@testable import Media

@Suite struct ReferenceScanTests {
    private func isDisposable(_ scan: ReferenceScan, _ bytes: [UInt8]) -> Bool {
        var scan = scan
        return isDisposable(&scan, bytes)
    }

    private func isDisposable(_ scan: inout ReferenceScan, _ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { scan.isDisposable($0) }
    }

    private let annexB = ReferenceScan(.h264, lengthSize: nil)
    private let lengths = ReferenceScan(.h264, lengthSize: 4)

    @Test func `reads H.264 with start codes`() {
        #expect(isDisposable(annexB, [0, 0, 0, 1, 0x01, 9, 9]))
        #expect(!isDisposable(annexB, [0, 0, 0, 1, 0x41, 9, 9]))
        #expect(!isDisposable(annexB, [0, 0, 1, 0x65, 9]))
        // A delimiter and a remark (SEI) before it say nothing.
        #expect(isDisposable(annexB, [0, 0, 0, 1, 0x09, 0xF0, 0, 0, 1, 0x06, 5, 0, 0, 1, 0x01, 9]))
        // Two slices.
        #expect(isDisposable(annexB, [0, 0, 1, 0x01, 9, 0, 0, 1, 0x01, 9]))
        #expect(!isDisposable(annexB, [0, 0, 1, 0x01, 9, 0, 0, 1, 0x21, 9]))
    }

    @Test func `reads H.264 with lengths`() {
        #expect(isDisposable(lengths, [0, 0, 0, 2, 0x01, 9]))
        #expect(!isDisposable(lengths, [0, 0, 0, 2, 0x41, 9]))
        #expect(isDisposable(lengths, [0, 0, 0, 1, 0x06, 0, 0, 0, 0, 0, 0, 0, 2, 0x01, 9]))
        #expect(isDisposable(ReferenceScan(.h264, lengthSize: 2), [0, 2, 0x01, 9, 0, 1, 0x01]))
    }

    @Test func `reads HEVC and its layers`() {
        let scan = ReferenceScan(.hevc, lengthSize: nil)
        // TRAIL_N, TRAIL_R, RASL_N, IDR, a reserved reference type.
        for (type, expected) in [(0, true), (1, false), (8, true), (19, false), (15, false)] {
            #expect(isDisposable(scan, [0, 0, 1, UInt8(type << 1), 1, 9]) == expected)
        }
        var layered = scan
        let top: [UInt8] = [0, 0, 1, 0, 2, 9]
        let bottom: [UInt8] = [0, 0, 1, 0, 1, 9]
        let answers = [bottom, top, bottom].map { isDisposable(&layered, $0) }
        #expect(answers == [true, true, false])
    }

    @Test(
        arguments: [
            [], [0], [0, 0, 1], [0, 0, 0, 1], [0xFF, 0xFF, 0xFF, 0xFF, 1], [0, 0, 0, 9, 0x01, 9],
            [0, 0, 0, 1, 0x01, 0, 0],
            [0, 0, 0, 1, 0x09],
        ] as [[UInt8]])
    func `takes what it does not understand for needed`(_ bytes: [UInt8]) {
        #expect(!isDisposable(lengths, bytes))
        if bytes.first != 0 || bytes.count < 5 { #expect(!isDisposable(annexB, bytes)) }
        #expect(!isDisposable(ReferenceScan(.hevc, lengthSize: nil), bytes))
    }

    @Test func `takes any bytes`() {
        var random = SplitMix64(seed: 5)
        for round in 0..<3000 {
            // Mostly zeros and ones, so that start codes and small lengths come up.
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? UInt8.random(in: 0...1, using: &random) : .random(in: 0...255, using: &random)
            }
            let coding: ReferenceScan.Coding = round % 2 == 0 ? .h264 : .hevc
            for size in [nil, 1, 2, 3, 4] { _ = isDisposable(ReferenceScan(coding, lengthSize: size), bytes) }
        }
    }
}

@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct DisposablePacketTests {
    private static let x264 = "-c:v libx264 -preset veryfast -threads 1 -bf 3"
    private static let x265 = "-c:v libx265 -preset ultrafast -x265-params log-level=none:bframes=3:b-pyramid=1"

    /// What is left decodes to the same pictures.
    @Test(arguments: [
        Clip("b.ts", x264), Clip("b.mp4", x264), Clip("b.mkv", x264), Clip("b.flv", x264),
        Clip("slices.ts", "\(x264) -slices 4"), Clip("b265.mp4", x265), Clip("b265.ts", x265),
        Clip("layers.ts", "\(x265):temporal-layers=3"),
    ])
    func `disposable packets are not missed`(_ clip: Clip) throws {
        let path = try clip.path()
        let all = try Dictionary(uniqueKeysWithValues: ReadVideo(path).frames.map { ($0.timestamp, $0) })
        let demuxer = try Demuxer(path)
        let decoder = try PictureDecoder(demuxer, threads: 1)
        var (left, disposed): ([Frame], Int) = ([], 0)
        while let packet = try demuxer.read() {
            if demuxer.isDisposable(packet) {
                disposed += 1
            } else {
                try decoder.decode(packet) { left.append($0) }
            }
        }
        try decoder.decode(nil) { left.append($0) }
        #expect(disposed >= 3)
        #expect(left.count == all.count - disposed)
        for frame in left {
            #expect(!frame.isTainted)
            let whole = try #require(all[frame.timestamp])
            #expect(try frame.yuv420Bytes() == whole.yuv420Bytes(), "at \(frame.seconds) s")
        }
    }

    @Test func `pictures that are built on are none`() throws {
        let demuxer = try Demuxer(Clip("ip.ts", "-c:v libx264 -preset veryfast -threads 1 -bf 0").path())
        while let packet = try demuxer.read() { #expect(!demuxer.isDisposable(packet)) }
    }
}
