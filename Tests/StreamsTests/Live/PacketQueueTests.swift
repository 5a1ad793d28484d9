import Foundation
import Media
import Pipeline
import TestSupport
import Testing

@testable import Streams

@Suite(.timeLimit(.minutes(10)), .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct PacketQueueTests {
    /// Twenty packets, every tenth a key, `interval` seconds apart.
    private func packets(every interval: Double) throws -> [Packet] {
        let demuxer = try Demuxer(Clips.moving("two.mkv", size: "64x64"))
        var packets: [Packet] = []
        let origin = ContinuousClock.now
        while let packet = try demuxer.read() {
            packet.arrival = origin + .seconds(interval * Double(packets.count))
            packets.append(packet)
        }
        #expect(packets.map(\.isKey) == (0..<20).map { $0 % 10 == 0 })
        return packets
    }

    @Test func whatFitsComesOutInOrder() throws {
        let (queue, packets) = (PacketQueue(), try packets(every: 0.1))
        for packet in packets { #expect(queue.push(packet, isDisposable: false) == 0) }
        queue.finish(discarding: false)
        for packet in packets {
            let item = queue.pop()
            #expect(item?.packet === packet && item?.discarded == 0)
        }
        #expect(queue.pop() == nil)
        #expect(queue.push(packets[0], isDisposable: false) == 1)
    }

    @Test func anOverflowDiscardsToTheNextKey() throws {
        let (queue, packets) = (PacketQueue(), try packets(every: 0.5))
        var discarded = 0
        for packet in packets.prefix(17) { discarded += queue.push(packet, isDisposable: false) }
        // The tenth is more than four seconds after the first: all go, and it, too. The eleventh is a key.
        let first = queue.pop()
        queue.finish(discarding: false)
        var kept = 1
        #expect(first?.packet === packets[10])
        #expect(first?.discarded == 10)
        while let item = queue.pop() {
            #expect(item.discarded == 0)
            kept += 1
        }
        #expect(discarded == 10 && kept == 7)
    }

    /// The first kept packet tells of all that went before it, however often that was too much.
    @Test func discardsAddUpUntilAKeyCounts() throws {
        let (queue, packets) = (PacketQueue(), try packets(every: 0.5))
        var discarded = 0
        // No key but the first: all that follow the overflow go.
        for packet in packets.prefix(10) + packets[11..<20] + packets[1..<3] {
            discarded += queue.push(packet, isDisposable: false)
        }
        #expect(discarded == 21)
        #expect(queue.push(packets[10], isDisposable: false) == 0)
        #expect(queue.pop()?.discarded == 21)
    }

    /// They may be megabytes each.
    @Test func whatWasTakenIsNotKept() throws {
        let queue = PacketQueue()
        weak var taken: Packet?
        do {
            let packets = try packets(every: 0.1)
            taken = packets[0]
            for packet in packets { _ = queue.push(packet, isDisposable: false) }
        }
        #expect(taken != nil)
        #expect(queue.pop() != nil)
        #expect(taken == nil)
        #expect(queue.pop() != nil)
    }

    @Test func aStopDiscardsAndWakesTheReader() throws {
        let (queue, packets) = (PacketQueue(), try packets(every: 0.1))
        _ = queue.push(packets[0], isDisposable: false)
        queue.finish(discarding: true)
        #expect(queue.pop() == nil)
        let other = PacketQueue()
        let reader = try StageThread("reader") { #expect(other.pop() == nil) }
        other.finish(discarding: true)
        reader.join()
    }
}
