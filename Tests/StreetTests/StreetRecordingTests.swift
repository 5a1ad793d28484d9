import Foundation
import Media
import TestSupport
import Testing

@testable import Street

struct StreetRecordingTests {
    private let folder: TemporaryFolder
    private let options = StreetOptions(seed: 3, width: 128, height: 72, frameRate: 10)

    init() throws { folder = try TemporaryFolder() }

    private func frames(of path: String) throws -> [Frame] {
        let source = try VideoSource(path, decoderThreads: 1)
        var frames: [Frame] = []
        while let item = try source.next() {
            if case .frame(let frame) = item { frames.append(frame) }
        }
        return frames
    }

    @Test(arguments: ["street.mp4", "street.mkv"])
    func holdsEveryPictureAtItsTime(_ name: String) throws {
        let path = folder.file(name)
        var done: [Int] = []
        var truth: [[StreetObject]] = []
        try StreetRecording.write(
            options, frames: 12, to: path,
            written: { index, objects in
                done.append(index)
                truth.append(objects)
            })
        let street = try Street(options)
        #expect(try truth == (0..<12).map { try street.picture(at: $0).objects })
        #expect(done == Array(0..<12))
        let frames = try frames(of: path)
        #expect(frames.map(\.width) == Array(repeating: 128, count: 12))
        #expect(zip(frames, 0...).allSatisfy { abs($0.seconds - Double($1) / 10) < 0.002 })
        #expect(try VideoSource(path).info.codecName == "h264")
    }

    @Test func endsPlayableWhereItIsStopped() throws {
        let path = folder.file("street.mp4")
        var done = 0
        try StreetRecording.write(
            options, frames: 100, to: path, isStopped: { done == 5 }, written: { index, _ in done = index + 1 })
        #expect(done == 5)
        #expect(try frames(of: path).count == 5)
    }

    @Test func aPlaceThatIsNotThereIsNamed() {
        let path = folder.file("no/street.mp4")
        let error = #expect(throws: MediaError.self) { try StreetRecording.write(options, frames: 1, to: path) }
        #expect(error?.kind == .cannotCreate && error?.subject == path)
    }

    @Test func aNameThatTheContainerComesFromIsTheOneThatErrorsTell() throws {
        let name = folder.file("street.mkv")
        try StreetRecording.write(options, frames: 1, to: folder.file("street.partial"), container: name)
        #expect(try VideoSource(folder.file("street.partial")).info.codecName == "h264")
        let path = folder.file("no/street.partial")
        let error = #expect(throws: MediaError.self) {
            try StreetRecording.write(options, frames: 1, to: path, container: name)
        }
        #expect(error?.kind == .cannotCreate && error?.subject == name)
    }
}
