import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Streams

struct RetentionTests {
    private let folder: TemporaryFolder
    private let messages = Locked<[String]>([])
    /// 2026-11-21T10:15:00Z.
    private let now = Date(timeIntervalSince1970: 1_795_256_100)
    private let begin = ContinuousClock.now
    private static let hour = 3600.0

    init() throws { folder = try TemporaryFolder() }

    /// - Parameters:
    ///   - elapsed: seconds that passed.
    ///   - ahead: by which this machine's clock is wrong.
    private func moment(after elapsed: Double = 0, ahead: Double = 0) -> Retention.Moment {
        Retention.Moment(date: now + elapsed + ahead, instant: begin + .seconds(elapsed))
    }

    private func retention(seconds: Double? = nil, bytes: Int? = nil, in subfolder: String = "") -> Retention {
        Retention(
            SegmentNames(path: folder.file(subfolder + "gate.mkv")), keepSeconds: seconds, keepBytes: bytes
        ) { [messages] _, message in
            messages.withLock { $0.append(message) }
        }
    }

    /// A file of 1000 bytes that was last written so many hours ago.
    private func write(_ name: String, hoursAgo: Double = 0, in subfolder: String = "") throws {
        let path = try folder.write([UInt8](repeating: 0, count: 1000), to: subfolder + name)
        try FileManager.default.setAttributes(
            [.modificationDate: now - hoursAgo * Self.hour], ofItemAtPath: path)
    }

    /// Segments that began 10, 9, ... 1 hours ago and lasted one.
    private func writeTen() throws -> [String] {
        let names = (0..<10).map { "gate-20261121T\(String(format: "%02d", $0))1500Z.mkv" }
        for (index, name) in names.enumerated() { try write(name, hoursAgo: Double(9 - index)) }
        return names
    }

    private var left: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
    }

    @Test func withoutLimitsAllIsKept() throws {
        let names = try writeTen()
        retention().run(now: moment(after: 1e9), writing: nil)
        #expect(!retention().makeRoom(now: moment(), ended: nil))
        #expect(try left == names)
    }

    @Test func whatEndedTooLongAgoGoes() throws {
        let names = try writeTen()
        retention(seconds: 3.5 * Self.hour).run(now: moment(), writing: nil)
        #expect(try left == Array(names.suffix(4)))
    }

    @Test func theOldestGoWhileThereIsTooMuch() throws {
        let names = try writeTen()
        retention(bytes: 3999).run(now: moment(), writing: nil)
        #expect(try left == Array(names.suffix(3)))
        retention(bytes: 3000).run(now: moment(), writing: nil)
        #expect(try left == Array(names.suffix(3)))
    }

    @Test func theOneBeingWrittenStaysAndCounts() throws {
        let names = try writeTen()
        retention(bytes: 2500).run(now: moment(), writing: names[0])
        #expect(try left == [names[0], names[9]])
        retention(seconds: 1, bytes: 1).run(now: moment(), writing: names[0])
        #expect(try left == [names[0]])
    }

    @Test func severalOfASecondGoInTheirOrder() throws {
        let names = ["", "-2", "-3", "-10"].map { "gate-20261121T081500Z\($0).mkv" }
        for name in names { try write(name) }
        retention(bytes: 1000).run(now: moment(), writing: nil)
        #expect(try left == ["gate-20261121T081500Z-10.mkv"])
    }

    @Test func otherFilesAreLeftAlone() throws {
        let others = [
            "gate.mkv", "gate-20200101T000000Z.mp4", "gate2-20200101T000000Z.mkv", "gate-20200101T000000Z.mkv.part",
            "gate-20200101T000000Z-1.mkv", "gate-north-20200101T000000Z.mkv", "notes.txt",
        ]
        for name in others { try write(name, hoursAgo: 1e4) }
        try FileManager.default.createDirectory(
            atPath: folder.file("gate-20200101T000000Z.mkv"), withIntermediateDirectories: false)
        let target = try folder.write([1], to: "elsewhere")
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("gate-20200102T000000Z.mkv"), withDestinationPath: target)
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("gate-20200103T000000Z.mkv"), withDestinationPath: "nowhere")
        mkfifo(folder.file("gate-20200104T000000Z.mkv"), 0o600)
        // No text in any encoding.
        let odd = [UInt8](folder.path.utf8) + [0x2F, 0x67, 0xFF, 0xFE, 0]
        close(
            odd.withUnsafeBytes { open($0.baseAddress!.assumingMemoryBound(to: CChar.self), O_CREAT | O_WRONLY, 0o600) }
        )
        let before = try left
        retention(seconds: 1, bytes: 1).run(now: moment(), writing: nil)
        _ = retention(bytes: 1).makeRoom(now: moment(), ended: nil)
        #expect(try left == before)
        #expect(messages.withLock { $0 } == [])
    }

    @Test func aFolderThatIsALinkIsTheFolder() throws {
        let names = try writeTen()
        let link = folder.path + "-link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path)
        defer { unlink(link) }
        Retention(SegmentNames(path: link + "/gate.mkv"), keepSeconds: nil, keepBytes: 1000) { _, _ in }
            .run(now: moment(), writing: nil)
        #expect(try left == [names[9]])
    }

    // MARK: Clocks

    /// The camera's or this machine's clock was years behind when it was named.
    @Test func anOldNameAloneDoesNotMakeASegmentOld() throws {
        try write("gate-19700101T000000Z.mkv", hoursAgo: 1)
        try write("gate-20260101T000000Z.mkv", hoursAgo: 3)
        retention(seconds: 2 * Self.hour).run(now: moment(), writing: nil)
        #expect(try left == ["gate-19700101T000000Z.mkv"])
    }

    /// An archive that was copied back without its times is kept for longer, not for less.
    @Test func anOldFileWithANewNameIsNotOld() throws {
        try write("gate-20261121T100000Z.mkv", hoursAgo: 1e5)
        retention(seconds: 2 * Self.hour).run(now: moment(), writing: nil)
        #expect(try left.count == 1)
    }

    @Test func theFutureIsNoAge() throws {
        try write("gate-20261121T201500Z.mkv", hoursAgo: -10)
        try write("gate-20400101T000000Z.mkv", hoursAgo: -1e5)
        retention(seconds: 1).run(now: moment(), writing: nil)
        #expect(try left.count == 2)
    }

    /// Else they would hold the room for years, and what is recorded would go as soon as it is written.
    @Test func namesFromTheFutureGoFirst() throws {
        let names = try writeTen()
        for year in [2040, 2050] { try write("gate-\(year)0101T000000Z.mkv", hoursAgo: -1e5) }
        retention(bytes: 10_000).run(now: moment(), writing: nil)
        #expect(try left == names)
    }

    /// A clock that was an hour ahead heals by itself.
    @Test func aNameFromTheNextHourKeepsItsPlace() throws {
        let names = try writeTen()
        try write("gate-20261121T111500Z.mkv", hoursAgo: -1)
        retention(bytes: 2000).run(now: moment(), writing: nil)
        #expect(try left == [names[9], "gate-20261121T111500Z.mkv"])
    }

    @Test(arguments: [false, true]) func aClockThatWentAheadDeletesNothing(staysSo: Bool) throws {
        let names = try writeTen()
        let retention = retention(seconds: 100 * Self.hour)
        retention.run(now: moment(), writing: nil)
        let ahead = 400 * 24 * Self.hour
        retention.run(now: moment(after: 60, ahead: ahead), writing: nil)
        retention.run(now: moment(after: 120, ahead: staysSo ? ahead : 0), writing: nil)
        retention.run(now: moment(after: 3600, ahead: staysSo ? ahead : 0), writing: nil)
        #expect(!retention.makeRoom(now: moment(after: 3600, ahead: staysSo ? ahead : 0), ended: nil))
        #expect(try left == names)
        #expect(
            messages.withLock { $0 } == [
                "\(folder.path): this machine's clock went ahead by 34560000 s; none is deleted for its age until the "
                    + "clock has held for an hour"
            ])
        retention.run(now: moment(after: 3660, ahead: staysSo ? ahead : 0), writing: nil)
        #expect(try left == (staysSo ? [] : names))
    }

    /// Each jump begins the hour anew.
    @Test func aClockThatGoesAheadAgainIsDoubtedAgain() throws {
        let names = try writeTen()
        let retention = retention(seconds: 100 * Self.hour)
        let jump = 200 * Self.hour
        for (elapsed, ahead) in [(0.0, 0.0), (60, jump), (3000, 2 * jump), (3700, 2 * jump), (6599, 2 * jump)] {
            retention.run(now: moment(after: elapsed, ahead: ahead), writing: nil)
        }
        #expect(try left == names)
        retention.run(now: moment(after: 6600, ahead: 2 * jump), writing: nil)
        #expect(try left == [])
    }

    @Test func theSizeIsKeptByAWrongClockToo() throws {
        let names = try writeTen()
        let retention = retention(seconds: 100 * Self.hour, bytes: 3000)
        for ahead in [0, 1e7] {
            retention.run(now: moment(ahead: ahead), writing: nil)
            #expect(try left == Array(names.suffix(3)))
        }
        try write("gate-20261121T101000Z.mkv")
        retention.run(now: moment(ahead: 1e7), writing: nil)
        #expect(try left == Array(names.suffix(2)) + ["gate-20261121T101000Z.mkv"])
    }

    /// Time that passes without a run, as on a machine that sleeps, is no jump; nor is one of less than an hour.
    @Test func aClockThatGoesOnIsBelieved() throws {
        let names = try writeTen()
        let retention = retention(seconds: 9.5 * Self.hour)
        retention.run(now: moment(), writing: nil)
        #expect(try left == names)
        retention.run(now: moment(after: 3 * Self.hour, ahead: 3599), writing: nil)
        #expect(try left == Array(names.suffix(6)))
        #expect(messages.withLock { $0 } == [])
    }

    @Test func aStartAtWhichAllIsTooOldWaits() throws {
        let names = try writeTen()
        let retention = retention(seconds: 100 * Self.hour)
        let ahead = 1e7
        retention.run(now: moment(ahead: ahead), writing: nil)
        retention.run(now: moment(after: 3599, ahead: ahead), writing: nil)
        #expect(try left == names)
        #expect(messages.withLock { $0.count } == 1)
        retention.run(now: moment(after: 3600, ahead: ahead), writing: nil)
        #expect(try left == [])
    }

    // MARK: A full disk

    @Test func roomIsMadeWhereBytesAreLimited() throws {
        let names = try writeTen()
        let retention = retention(bytes: 40_000)
        #expect(retention.makeRoom(now: moment(), ended: nil))
        // A quarter of what is allowed, rounded up to whole segments.
        #expect(messages.withLock { $0 }.count == 1)
        #expect(try left == [])
        #expect(!retention.makeRoom(now: moment(), ended: nil))
        for name in names { try write(name) }
        let smaller = self.retention(bytes: 12_000)
        #expect(smaller.makeRoom(now: moment(), ended: nil))
        #expect(try left == Array(names.suffix(6)))
    }

    @Test func whatTheFullDiskEndedIsNotDeletedForIt() throws {
        try write("gate-20261121T101400Z.mkv")
        #expect(!retention(bytes: 40_000).makeRoom(now: moment(), ended: "gate-20261121T101400Z.mkv"))
        #expect(try left.count == 1)
    }

    @Test func aPromiseToKeepIsKeptOnAFullDisk() throws {
        let names = try writeTen()
        let retention = retention(seconds: 4.5 * Self.hour)
        #expect(retention.makeRoom(now: moment(), ended: nil))
        #expect(try left == Array(names.suffix(5)))
        #expect(!retention.makeRoom(now: moment(), ended: nil))
        #expect(try left == Array(names.suffix(5)))
    }

    // MARK: Errors

    @Test func aFolderThatIsNotThereIsNoError() {
        retention(bytes: 1, in: "none/").run(now: moment(), writing: nil)
        #expect(messages.withLock { $0 } == [])
    }

    @Test func anErrorIsToldOnce() throws {
        try folder.write([1], to: "file")
        let retention = retention(bytes: 1, in: "file/")
        for _ in 0..<3 { retention.run(now: moment(), writing: nil) }
        let path = folder.file("file")
        #expect(
            messages.withLock { $0 } == ["\(path): old video cannot be looked for: Not a directory"])
    }

    @Test(.enabled(if: geteuid() != 0, "root may delete anything"))
    func whatCannotBeDeletedIsToldOnce() throws {
        let names = try writeTen()
        chmod(folder.path, 0o500)
        defer { chmod(folder.path, 0o700) }
        let retention = retention(bytes: 1)
        for _ in 0..<3 { retention.run(now: moment(), writing: nil) }
        #expect(
            messages.withLock { $0 } == ["\(folder.file(names[0])): cannot be deleted: Permission denied"])
    }

    @Test func entriesThatVanishMeanwhileAreNoErrors() throws {
        let names = try writeTen()
        let others = try (0..<3).map { _ in
            try StageThread("deleter") { retention(bytes: 1000).run(now: moment(), writing: nil) }
        }
        retention(bytes: 1000).run(now: moment(), writing: nil)
        for other in others { other.join() }
        #expect(try left == [names[9]])
        #expect(messages.withLock { $0 } == [])
    }
}
