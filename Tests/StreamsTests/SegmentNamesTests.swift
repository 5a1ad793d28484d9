import Foundation
import Testing

@testable import Streams

struct SegmentNamesTests {
    private let names = SegmentNames(path: "/video/gate.mkv")
    /// 2026-11-21T10:15:00Z.
    private let time = Date(timeIntervalSince1970: 1_795_256_100)

    private func name(_ seconds: Double, _ number: Int = 1) -> String {
        names.name(SegmentNames.Key(time: time + seconds, number: number))
    }

    @Test func namesTellTheTimeInUTC() {
        #expect(name(0) == "gate-20261121T101500Z.mkv")
        #expect(name(0.999) == "gate-20261121T101500Z.mkv")
        #expect(name(0, 2) == "gate-20261121T101500Z-2.mkv")
        #expect(name(-1_795_256_100) == "gate-19700101T000000Z.mkv")
    }

    @Test func aTimeBeyondAllYearsHasANameToo() {
        #expect(name(1e15) == "gate-99991231T235959Z.mkv")
        #expect(names.key(of: name(-1e15)) != nil)
        #expect(name(.infinity) == "gate-99991231T235959Z.mkv")
    }

    @Test(arguments: [
        ("/video/gate.mkv", "/video", "/video/gate-19700101T000000Z.mkv"),
        ("gate.mp4", ".", "./gate-19700101T000000Z.mp4"), ("/gate.mp4", "/", "/gate-19700101T000000Z.mp4"),
        ("a.b/gate.north.mkv", "a.b", "a.b/gate.north-19700101T000000Z.mkv"),
        ("a.b/gate", "a.b", "a.b/gate-19700101T000000Z"), ("v/.mkv", "v", "v/.mkv-19700101T000000Z"),
    ])
    func pathsAreTakenApart(_ path: String, _ folder: String, _ segment: String) {
        let names = SegmentNames(path: path)
        let key = SegmentNames.Key(time: Date(timeIntervalSince1970: 0), number: 1)
        #expect(names.folder == folder)
        #expect(names.path(names.name(key)) == segment)
        #expect(names.key(of: names.name(key)) == key)
    }

    @Test func aNameIsReadBack() {
        for seconds in stride(from: 0.0, to: 4e8, by: 12_345_678) {
            for number in [1, 2, 10, 999] {
                let key = SegmentNames.Key(time: time + seconds, number: number)
                #expect(names.key(of: names.name(key)) == key)
            }
        }
    }

    @Test(arguments: [
        "", "gate.mkv", "gate-.mkv", "gate-20261121T101500Z.mp4", "gate-20261121T101500Z.mkv.old",
        "xgate-20261121T101500Z.mkv", "gate-20261121T101500Z-1.mkv", "gate-20261121T101500Z-02.mkv",
        "gate-20261121T101500Z-+2.mkv", "gate-20261121T101500Z--2.mkv", "gate-20261121T101500Z-2-3.mkv",
        "gate-20261121T101500Z-.mkv", "gate-20261121T101500.mkv", "gate-20261321T101500Z.mkv",
        "gate-20260230T101500Z.mkv", "gate-20261121T251500Z.mkv", "gate-2026-11-21T10:15:00Z.mkv",
        "gate-2-20261121T101500Z.mkv", "Gate-20261121T101500Z.mkv", "gate-20261121T101500Z-99999999999999999999.mkv",
        "gate-20261121t101500z.mkv", "-20261121T101500Z.mkv", "gate-２0261121T101500Z.mkv",
        "gate-20261121T101500+0100.mkv",
    ])
    func otherNamesAreNoSegments(_ name: String) { #expect(names.key(of: name) == nil) }

    /// Swift takes the two spellings of é for one, the file system does not.
    @Test func spellingsAreToldApart() {
        let composed = SegmentNames(path: "caf\u{E9}.mkv")
        let decomposed = SegmentNames(path: "cafe\u{301}.mkv")
        let key = SegmentNames.Key(time: time, number: 1)
        #expect(composed.key(of: composed.name(key)) == key)
        #expect(composed.key(of: decomposed.name(key)) == nil)
    }

    @Test func keysAreInOrder() {
        let early = SegmentNames.Key(time: time, number: 2)
        #expect(early < SegmentNames.Key(time: time, number: 10))
        #expect(early < SegmentNames.Key(time: time + 1, number: 1))
    }
}

struct SegmentSpanTests {
    private func date(_ clock: String) throws -> Date { try Date("2026-11-21T\(clock)Z", strategy: .iso8601) }

    @Test(arguments: [
        (600.0, "10:03:20", "10:10:00"), (600, "10:10:00", "10:20:00"), (3600, "10:59:59", "11:00:00"),
        (86_400, "10:03:20", "23:59:60"), (90, "10:03:20", "10:04:30"),
    ])
    func endsAtMultiplesOfItsLength(_ length: Double, _ start: String, _ end: String) throws {
        let span = SegmentSpan(from: try date(start), length: length)
        let end = try end == "23:59:60" ? date("00:00:00") + 86_400 : date(end)
        #expect(!span.isOver(at: end - 0.01, after: 0))
        #expect(span.isOver(at: end, after: 0))
        #expect(span.isOver(at: end + 1e6, after: 0))
    }

    @Test func aClockThatIsSetBackDoesNotMakeItLonger() throws {
        let span = SegmentSpan(from: try date("10:03:20"), length: 600)
        #expect(try !span.isOver(at: date("10:00:00"), after: 0))
        #expect(try !span.isOver(at: date("09:00:00"), after: 600))
        #expect(try span.isOver(at: date("09:00:00"), after: 607))
    }

    @Test func withoutALengthItNeverEnds() throws {
        let span = SegmentSpan(from: try date("10:03:20"), length: nil)
        #expect(!span.isOver(at: Date(timeIntervalSince1970: 1e11), after: 1e11))
    }

    @Test(arguments: [0, -1, 1e-9, .nan]) func aLengthThatIsNoneIsASecond(_ length: Double) throws {
        let span = SegmentSpan(from: try date("10:03:20"), length: length)
        #expect(try !span.isOver(at: date("10:03:20"), after: 0))
        #expect(try span.isOver(at: date("10:03:21"), after: 0))
    }
}
