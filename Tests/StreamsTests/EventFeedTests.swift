import Detection
import Foundation
import Pipeline
import Testing

@testable import Streams

@Suite("Event feed") struct EventFeedTests {
    private let feed = EventFeed()

    /// Publishes a frame with or without a detection, its line saying the number.
    private func publish(_ number: Int, stream: String = "gate", found: Bool = true) {
        let detection = Detection(
            classID: 0, confidence: 0.9, objectness: 1, box: Box(x: 0.5, y: 0.5, width: 0.1, height: 0.1))
        let record = FrameRecord(
            stamp: EventStamp(stream: stream, time: nil, timeSource: .arrival), frame: number, pts: 0, width: 64,
            height: 64, isCorrupt: false, dropped: 0, latency: .zero,
            input: InputShape(width: 32, height: 32),
            detections: found ? [NamedDetection(detection, names: ["person"])] : [])
        feed.publish(.frame(record), line: Array("\(number)\n".utf8))
    }

    /// The next records' numbers.
    private func read(_ count: Int, of subscription: EventFeed.Subscription) async -> [Int] {
        var numbers: [Int] = []
        for await case let entry? in subscription.entries {
            numbers.append(Int(String(decoding: entry.line.dropLast(), as: UTF8.self)) ?? -1)
            if numbers.count == count { break }
        }
        return numbers
    }

    @Test func aReaderGetsTheNewestThenWhatComes() async {
        for number in 0..<250 { publish(number) }
        let subscription = feed.subscribe()
        publish(250)
        #expect(await read(201, of: subscription) == Array(50...250))
        #expect(subscription.takeLost() == 0)
    }

    @Test func readersSeeOnlyWhatTheyAskedFor() async {
        let yard = feed.subscribe(.init(stream: "yard"))
        let news = feed.subscribe(.init(onlyNews: true))
        publish(1)
        publish(2, stream: "yard", found: false)
        publish(3, stream: "yard")
        feed.publish(
            .streamEnd(
                StreamEnd(
                    stamp: EventStamp(stream: "gate", time: nil, timeSource: .arrival), reason: .end, message: nil,
                    decoded: 0, analysed: 0, decodeErrors: 0, seconds: 0)), line: Array("4\n".utf8))
        #expect(await read(2, of: yard) == [2, 3])
        #expect(await read(3, of: news) == [1, 3, 4])
    }

    @Test func emptyFramesDoNotPushNewsOut() async {
        publish(1)
        for number in 2...300 { publish(number, found: false) }
        #expect(await read(1, of: feed.subscribe(.init(onlyNews: true))) == [1])
    }

    @Test func aReaderThatComesBackGetsWhatItMissed() async throws {
        publish(1)
        publish(2)
        var first: EventFeed.Entry?
        for await case let entry? in feed.subscribe().entries {
            first = entry
            break
        }
        let id = try #require(first).id
        let again = feed.subscribe(after: id)
        #expect(await read(1, of: again) == [2])
        #expect(!again.isBroken)
        #expect(!feed.subscribe().isBroken)
        // Of another process, or made up: everything.
        for foreign in ["zz-1", "7", "", "a-b-c", "\(id.split(separator: "-")[0])-x"] {
            let stranger = feed.subscribe(after: foreign)
            #expect(await read(2, of: stranger) == [1, 2], "\(foreign)")
            #expect(stranger.isBroken, "\(foreign)")
        }
    }

    @Test func aReaderThatComesBackTooLateIsTold() async {
        var ids: [String] = []
        let subscription = feed.subscribe()
        for number in 1...202 { publish(number) }
        for await case let entry? in subscription.entries {
            ids.append(entry.id)
            if ids.count == 2 { break }
        }
        // 1 and 2 are forgotten; who knows them has missed nothing.
        #expect(feed.subscribe(after: ids.first).isBroken)
        let inTime = feed.subscribe(after: ids.last)
        #expect(!inTime.isBroken)
        #expect(await read(200, of: inTime) == Array(3...202))
        for number in 203...500 { publish(number, found: false) }
        #expect(feed.subscribe(after: ids.last).isBroken)
        #expect(!feed.subscribe(.init(onlyNews: true), after: ids.last).isBroken)
    }

    @Test func allReadersSeeOneOrder() async throws {
        // A wrong order is rare: many rounds.
        for _ in 0..<50 {
            let feed = EventFeedTests()
            let subscription = feed.feed.subscribe()
            let publishers = try ["gate", "yard"].map { name in
                try StageThread(name) { for number in 0..<100 { feed.publish(number, stream: name) } }
            }
            for publisher in publishers { publisher.join() }
            var numbers: [Int] = []
            for await case let entry? in subscription.entries {
                numbers.append(Int(entry.id.drop { $0 != "-" }.dropFirst()) ?? 0)
                if numbers.count == 200 { break }
            }
            #expect(numbers == Array(1...200))
        }
    }

    @Test func aSlowReaderLosesTheOldestAndIsTold() async {
        let slow = feed.subscribe()
        for number in 1...300 { publish(number) }
        #expect(await read(256, of: slow) == Array(45...300))
        #expect(slow.takeLost() == 44)
        #expect(slow.takeLost() == 0)
    }

    @Test func pulsesWakeAReaderAndAreNoLoss() async {
        let subscription = feed.subscribe()
        for _ in 0..<300 { subscription.pulse() }
        #expect(subscription.takeLost() == 0)
        for await entry in subscription.entries {
            #expect(entry == nil)
            break
        }
    }

    @Test func readersThatLeaveAreForgotten() async {
        var subscription: EventFeed.Subscription? = feed.subscribe()
        #expect(feed.readerCount == 1)
        _ = subscription?.takeLost()
        subscription = nil
        #expect(feed.readerCount == 0)
        let reading = Task { [entries = feed.subscribe().entries] in
            for await _ in entries {}
        }
        reading.cancel()
        await reading.value
        #expect(feed.readerCount == 0)
    }
}
