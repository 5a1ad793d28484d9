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
            #expect(item?.packet === packet && item?.followsOverflow == false)
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
        #expect(first?.followsOverflow == true)
        while let item = queue.pop() {
            #expect(!item.followsOverflow)
            kept += 1
        }
        #expect(discarded == 10 && kept == 7)
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
