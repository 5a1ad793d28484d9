import CFFmpeg
import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Media

@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage), .timeLimit(.minutes(10)))
struct PictureDecoderTests {
    private static let source = "testsrc2=s=128x96:r=25:d=2,noise=alls=20:allf=t"
    private static let x264 = "-c:v libx264 -preset veryfast -threads 1 -g 12 -sc_threshold 0"
    private static let x265 = "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=12:min-keyint=12"

    /// A key about every twelfth of 50 pictures; all built on others in different ways.
    private static let clips: [Clip] = [
        Clip("live264.ts", from: source, "\(x264) -bf 0"),
        Clip("live264b.ts", from: source, "\(x264) -bf 2"),
        Clip("open264.ts", from: source, "\(x264) -bf 2 -x264-params open-gop=1"),
        Clip("live265.ts", from: source, "\(x265):bframes=0"),
        Clip("open265.ts", from: source, "\(x265):bframes=3:open-gop=1"),
        Clip("live2.ts", from: source, "-c:v mpeg2video -q:v 3 -g 12 -bf 2"),
        Clip("live4.ts", from: source, "-c:v mpeg4 -q:v 3 -g 12 -bf 0"),
    ]

    private var live: Demuxer.Options {
        var options = Demuxer.Options()
        options.isLive = true
        return options
    }

    private func decoded(_ path: String) throws -> [Frame] {
        let demuxer = try Demuxer(path, options: live)
        let decoder = try PictureDecoder(demuxer, threads: 0)
        var frames: [Frame] = []
        while let packet = try demuxer.read() { try decoder.decode(packet) { frames.append($0) } }
        try decoder.decode(nil) { frames.append($0) }
        return frames
    }

    /// Every frame that is not called tainted has the pixels it would have if nothing was missing; how many there are.
    private func checkSound(_ path: String, against whole: [Int64: [UInt8]], _ what: String) throws -> Int {
        let sound = try decoded(path).filter { !$0.isTainted }
        for frame in sound {
            // Where a frame came too early after a loss, the rising timestamps are ahead of the stream's.
            let time = frame.pointer.pointee.best_effort_timestamp
            let expected = try #require(whole[time], "\(what): \(frame.seconds) s")
            #expect(try frame.yuv420Bytes() == expected, "\(what): tainted at \(frame.seconds) s")
        }
        return sound.count
    }

    private func whole(_ path: String) throws -> [Int64: [UInt8]] {
        let frames = try decoded(path)
        #expect(frames.count == 50)
        #expect(frames.allSatisfy { !$0.isTainted })
        return try Dictionary(
            uniqueKeysWithValues: frames.map { ($0.timestamp, try $0.yuv420Bytes()) })
    }

    @Test(arguments: clips)
    func `nothing half grey is called sound after joining midway`(_ clip: Clip) throws {
        let whole = try whole(clip.path())
        let packets = try clip.bytes().count / 188
        let folder = try TemporaryFolder()
        for part in 1...5 {
            // Tables come several times a second.
            let start = packets * part / 9
            let path = try folder.write(clip.bytes().dropFirst(188 * start), to: "joined.ts")
            #expect(try checkSound(path, against: whole, "from packet \(start)") >= 12)
        }
    }

    @Test(arguments: clips)
    func `nothing built on a loss is called sound`(_ clip: Clip) throws {
        let whole = try whole(clip.path())
        let bytes = try clip.bytes()
        let packets = bytes.count / 188
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: 12)
        for _ in 0..<12 {
            let lost = Int.random(in: packets / 5..<packets * 9 / 10, using: &random)
            let count = Int.random(in: 1...4, using: &random)
            var rest = bytes
            rest.removeSubrange(188 * lost..<188 * min(packets, lost + count))
            let path = try folder.write(rest, to: "lossy.ts")
            #expect(try checkSound(path, against: whole, "without \(count) packets from \(lost)") >= 12)
        }
    }

    /// libav calls the pictures keys from which such a stream restores itself bit by bit.
    @Test func `a picture that restores itself later is no key`() throws {
        let clip = Clip(
            "refresh.ts", from: Self.source,
            "-c:v libx264 -preset veryfast -threads 1 -bf 0 -g 12 -sc_threshold 0 -intra-refresh 1")
        #expect(try decoded(clip.path()).filter(\.isKey).map(\.index) == [0])
    }

    // MARK: Changes

    /// Reading here, decoding there.
    @Test func `decodes on another thread than the demuxer's`() throws {
        let path = try Clip.h264TS.path()
        let demuxer = try Demuxer(path, options: live)
        let decoder = try PictureDecoder(demuxer, threads: 2)
        let packets = BoundedQueue<Packet>(capacity: 4)
        let frames = Locked<[Frame]>([])
        let thread = try StageThread("decode") {
            while let packet = packets.pop() {
                do {
                    try decoder.decode(packet) { frame in frames.withLock { $0.append(frame) } }
                } catch {
                    Issue.record(error)
                }
            }
        }
        while let packet = try demuxer.read() { #expect(packets.push(packet)) }
        packets.finish()
        thread.join()
        try decoder.decode(nil) { frame in frames.withLock { $0.append(frame) } }
        let expected = try ReadVideo(path)
        #expect(frames.withLock { $0.map(\.timestamp) } == expected.timestamps)
    }

    @Test func `goes on when the size changes`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            Clip.h264TS.bytes() + Clip.smallTS.bytes() + Clip.h264TS.bytes(), to: "joined.ts")
        let frames = try decoded(path)
        #expect(frames.map(\.width) == [128, 96, 128].flatMap { Array(repeating: $0, count: $0 == 96 ? 10 : 15) })
        #expect(zip(frames, frames.dropFirst()).allSatisfy { $0.timestamp < $1.timestamp })
        // The numbering of MPEG-TS packets breaks where the parts meet, as if some were lost.
        let tainted = frames.filter(\.isTainted).map(\.index)
        #expect(tainted.allSatisfy { (12...14).contains($0) || (22...24).contains($0) })
    }

    /// As from a camera that pushes FLV and is set to another size: the new parameters come beside a packet.
    @Test func `takes new parameters that come beside a packet`() throws {
        let first = try Demuxer(Clip.h264MP4.path(), options: live)
        let second = try Demuxer(
            Clip("small.mp4", from: "testsrc2=s=96x96:r=25:d=0.4", "-c:v libx264 -preset veryfast -threads 1").path())
        let decoder = try PictureDecoder(first, threads: 1)
        var frames: [Frame] = []
        while let packet = try first.read() { try decoder.decode(packet) { frames.append($0) } }
        var isNew = true
        while let packet = try second.read() {
            if isNew {
                let parameters = second.videoStream.pointee.codecpar.pointee
                let size = Int(parameters.extradata_size)
                let side = try #require(
                    av_packet_new_side_data(packet.pointer, AV_PKT_DATA_NEW_EXTRADATA, size))
                memcpy(side, parameters.extradata, size)
                isNew = false
            }
            try decoder.decode(packet) { frames.append($0) }
        }
        try decoder.decode(nil) { frames.append($0) }
        #expect(decoder.errors == 0)
        #expect(frames.map(\.width) == Array(repeating: 128, count: 15) + Array(repeating: 96, count: 10))
    }

    /// In MPEG-TS libav goes on as if nothing had changed.
    @Test func `a new coding ends the connection`() throws {
        let folder = try TemporaryFolder()
        let other = try Clip("other.ts", from: "testsrc2=s=128x96:r=25:d=6", "-c:v mpeg2video -q:v 3").bytes()
        let path = try folder.write(Clip.h264TS.bytes() + other, to: "joined.ts")
        let error = try mediaError { try decoded(path) }
        #expect(
            error == MediaError(.badData, path, "gave no picture in 100 packets; its coding may have changed"))
        #expect(error.reason == "bad_data")
        #expect(try ReadVideo(path).frames.count >= 13)
    }

    // MARK: Leaving out

    @Test(arguments: clips)
    func `begins anew after packets were left out`(_ clip: Clip) throws {
        let whole = try whole(clip.path())
        let demuxer = try Demuxer(clip.path(), options: live)
        let decoder = try PictureDecoder(demuxer, threads: 1)
        var (frames, count, keys): ([Frame], Int, Int) = ([], 0, 0)
        while let packet = try demuxer.read() {
            count += 1
            if packet.isKey { keys += 1 }
            // From the sixteenth packet to the third key.
            if count >= 16 && keys < 3 { continue }
            if packet.isKey && keys == 3 { decoder.flush() }
            try decoder.decode(packet) { frames.append($0) }
        }
        try decoder.decode(nil) { frames.append($0) }
        let sound = frames.filter { !$0.isTainted }
        #expect(sound.count >= 30)
        #expect(zip(frames, frames.dropFirst()).allSatisfy { $0.timestamp < $1.timestamp })
        for frame in sound {
            let expected = whole[frame.timestamp]
            #expect(try frame.yuv420Bytes() == expected, "at \(frame.seconds) s")
        }
    }

    // MARK: Hostile

    @Test(arguments: [clips[1], clips[4], clips[5], clips[6]])
    func `mutated packets end in frames or in an error`(_ clip: Clip) throws {
        let path = try clip.path()
        var random = SplitMix64(seed: 2026)
        for _ in 0..<20 {
            let demuxer = try Demuxer(path, options: live)
            let decoder = try PictureDecoder(demuxer, threads: 1)
            var frames: [Frame] = []
            while let packet = try demuxer.read() {
                if Bool.random(using: &random) { mutate(packet, &random) }
                _ = demuxer.isDisposable(packet)
                if Int.random(in: 0..<20, using: &random) == 0 { decoder.flush() }
                do {
                    try decoder.decode(packet) { frames.append($0) }
                } catch let error as MediaError {
                    #expect(!error.message.isEmpty)
                }
            }
            #expect(frames.count <= 60)
            #expect(zip(frames, frames.dropFirst()).allSatisfy { $0.timestamp < $1.timestamp })
        }
    }

    /// Bits flipped, the end cut off, a number made large; times and flags too.
    private func mutate(_ packet: Packet, _ random: inout SplitMix64) {
        let av = packet.pointer
        guard av.pointee.size > 0, av_packet_make_writable(av) >= 0 else { return }
        let place = Int.random(in: 0..<Int(av.pointee.size), using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                av.pointee.data[Int.random(in: 0..<Int(av.pointee.size), using: &random)] ^=
                    1 << UInt8.random(in: 0..<8, using: &random)
            }
        case 1: av_shrink_packet(av, Int32(place))
        case 2: for offset in place..<min(place + 4, Int(av.pointee.size)) { av.pointee.data[offset] = 0xFF }
        case 3:
            for offset in 0..<min(8, Int(av.pointee.size)) {
                av.pointee.data[offset] = .random(in: 0...2, using: &random)
            }
        default:
            av.pointee.pts = Int64.random(in: .min ... .max, using: &random)
            av.pointee.flags |= AV_PKT_FLAG_CORRUPT
        }
    }
}
