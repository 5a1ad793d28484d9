import Foundation
import Testing

@testable import Streams

@Suite struct CaptureClockTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)
    private let origin = ContinuousClock.now

    private func time(
        _ clock: inout CaptureClock, at seconds: Double, wall: Double? = nil, camera: Double? = nil
    ) -> (seconds: Double, source: EventStamp.TimeSource) {
        let time = clock.time(
            reported: camera.map { start + $0 }, arrived: start + (wall ?? seconds),
            arrival: origin + .seconds(seconds))
        return (time.date.timeIntervalSince(start), time.source)
    }

    @Test func arrivalWhereTheCameraSaysNothing() {
        var clock = CaptureClock()
        #expect(time(&clock, at: 1) == (1, .arrival))
        #expect(time(&clock, at: 2) == (2, .arrival))
    }

    @Test func theCamerasReportsCountOnceTheyCome() {
        var clock = CaptureClock()
        #expect(time(&clock, at: 1) == (1, .arrival))
        #expect(time(&clock, at: 2, camera: 1.5) == (1.5, .rtcp))
        #expect(clock.cameraAhead.map { abs($0 + 0.5) < 1e-6 } == true)
    }

    @Test func anHourBackIsCaughtUpWithAtHalfSpeed() {
        var clock = CaptureClock()
        _ = time(&clock, at: 100)
        var last = 100.0
        for second in 1...10 {
            let now = time(&clock, at: 100 + Double(second), wall: 100 + Double(second) - 3600).seconds
            #expect(abs(now - last - 0.5) < 1e-6)
            last = now
        }
        // Two hours later both agree again.
        let caughtUp = time(&clock, at: 100 + 7300, wall: 100 + 7300 - 3600).seconds
        #expect(abs(caughtUp - 3800) < 51)
    }

    @Test func timesAlwaysRise() {
        var clock = CaptureClock()
        var last = -10.0
        for step in 0..<200 {
            let now = time(&clock, at: Double(step) * 0.04, wall: step % 3 == 0 ? -5 : Double(step) * 0.04).seconds
            #expect(now > last)
            last = now
        }
    }

    @Test func aCameraAnHourBehindIsNotFollowed() {
        var clock = CaptureClock()
        _ = time(&clock, at: 10)
        #expect(time(&clock, at: 11, camera: 11 - 3600) == (11, .arrival))
        #expect(clock.cameraAhead.map { abs($0 + 3600) < 1e-3 } == true)
        clock.reconnected()
        #expect(clock.cameraAhead == nil)
    }

    @Test(arguments: [28_800.0, 2_302_128_000.0]) func aCameraFarAheadIsNotFollowed(_ ahead: Double) {
        var clock = CaptureClock()
        #expect(time(&clock, at: 10, camera: 10 + ahead) == (10, .arrival))
        #expect(time(&clock, at: 11, camera: 11 + ahead) == (11, .arrival))
        // Set right, it is.
        #expect(time(&clock, at: 12, camera: 12.5) == (12.5, .rtcp))
    }

    @Test func aCameraThatJumpsFarIsFollowedNoMore() {
        var clock = CaptureClock()
        #expect(time(&clock, at: 10, camera: 10) == (10, .rtcp))
        #expect(time(&clock, at: 11, camera: 11 + 3600) == (11, .arrival))
    }

    @Test func theCameraIsStillRightWhenThisMachinesClockIsSet() {
        var clock = CaptureClock()
        #expect(time(&clock, at: 10, camera: 10) == (10, .rtcp))
        #expect(time(&clock, at: 11, wall: 11 - 3600, camera: 11) == (11, .rtcp))
    }

    @Test func aCameraWithoutAClockIsNotBelieved() {
        var clock = CaptureClock()
        let time = clock.time(
            reported: Date(timeIntervalSince1970: 100), arrived: start, arrival: origin)
        #expect(time == CaptureClock.Time(date: start, source: .arrival))
    }
}
