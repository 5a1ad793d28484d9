import Detection
import Foundation
import Media
import Neural
import TestSupport
import Testing

@testable import Streams

/// What a frame on its way takes from the heap once its stream is warm: pixels come from pools, records go through
/// memory that is kept.
@Suite(
    .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage),
    .enabled(if: Allocations.areCounted, "a sanitizer counts for itself"))
struct FrameAllocationTests {
    private let folder: TemporaryFolder
    private let source: VideoSource
    private let frames: [Frame]

    init() throws {
        folder = try TemporaryFolder()
        let path = try FFmpegTool.clip(
            "allocations.mp4",
            [
                "-f", "lavfi", "-i", "testsrc2=s=320x192:d=0.4", "-c:v", "libx264", "-preset", "veryfast", "-threads",
                "1",
            ])
        let source = try VideoSource(path, decoderThreads: 1)
        var frames: [Frame] = []
        while let item = try source.next() {
            if case .frame(let frame) = item { frames.append(frame) }
        }
        (self.source, self.frames) = (source, frames)
    }

    private static let found = [
        NamedDetection(
            Detection(
                classID: 1, confidence: 0.8, objectness: 0.9, box: Box(x: 0.3, y: 0.4, width: 0.2, height: 0.3)),
            names: ["person", "bicycle"]),
        NamedDetection(
            Detection(
                classID: 0, confidence: 0.6, objectness: 0.7, box: Box(x: 0.7, y: 0.6, width: 0.3, height: 0.2)),
            names: ["person", "bicycle"]),
    ]

    /// Code that is not optimised boxes values, in bytes less than any of the pictures.
    private static let allowance = isOptimised ? 0 : 64_000

    private static var isOptimised: Bool {
        #if DEBUG
            false
        #else
            true
        #endif
    }

    /// Of the frames after the first two, the one that takes most.
    private func most(_ body: (Frame) throws -> Void) throws -> (blocks: Int, bytes: Int) {
        for frame in frames.prefix(2) { try body(frame) }
        let taken = try frames.dropFirst(2).map { frame in try Allocations { try body(frame) } }
        return (taken.map(\.blocks).max() ?? .max, taken.map(\.bytes).max() ?? .max)
    }

    @Test func countsWhatIsTaken() {
        let taken = Allocations { withExtendedLifetime([UInt8](repeating: 1, count: 1000)) {} }
        #expect(taken.blocks >= 1 && taken.bytes >= 1000)
    }

    @Test(arguments: Precision.allCases) func samplingTakesNothing(precision: Precision) throws {
        let preprocessor = Preprocessor(mode: .letterbox)
        let image = InputImage(width: 416, height: 256, precision: precision)
        let taken = try most { try preprocessor.prepare($0, into: image) }
        #expect(taken.bytes <= Self.allowance, "\(taken)")
    }

    @Test func loggingTakesNothing() throws {
        let log = try EventLog(path: folder.file("events.jsonl"), name: "events.jsonl")
        let taken = try most { frame in
            try log.write(
                .frame(
                    FrameRecord(
                        stamp: EventStamp(stream: "test", time: Date(), timeSource: .file), frame: frame.index,
                        pts: frame.seconds, width: frame.width, height: frame.height,
                        isCorrupt: false, dropped: 0,
                        latency: .milliseconds(3), input: InputShape(width: 416, height: 256), detections: Self.found)))
        }
        #expect(taken.bytes <= Self.allowance, "\(taken)")
    }

    /// An AVFrame, the reference to its pixels and the object that owns both; libav's are some 500 bytes together.
    @Test(arguments: [true, false]) func aCanvasTakesNoPixels(isDrawn: Bool) throws {
        let options = VideoWriter.Options(codec: "mpeg4")
        let path = folder.file("canvas.mkv")
        let writer = try VideoWriter(
            path: path, container: path, source: source.info, first: frames[0], options: options)
        let taken = try most { _ = try writer.canvas(for: $0, isDrawn: isDrawn) }
        #expect(taken.bytes <= 2000 + Self.allowance, "\(taken)")
        try writer.finish()
    }

    /// The texts and where they go; not the pictures of known texts.
    @Test func drawingTakesLittle() throws {
        let options = VideoWriter.Options(codec: "mpeg4")
        let path = folder.file("drawn.mkv")
        let writer = try VideoWriter(
            path: path, container: path, source: source.info, first: frames[0], options: options)
        let overlay = Overlay(names: ["person", "bicycle"])
        let canvas = try writer.canvas(for: frames[0])
        let taken = try most { _ in overlay.draw(Self.found, into: canvas, at: writer.placement) }
        #expect(taken.bytes <= 1000 + Self.allowance, "\(taken)")
        try writer.finish()
    }
}
