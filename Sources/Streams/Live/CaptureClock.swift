import Foundation

/// The times that records give: when a frame was captured, never earlier than the frame before.
///
/// The camera's own clock counts where its RTCP reports tell it and it is near this machine's; else the arrival here. When
/// such a clock is set back, the times go on at half speed until it has caught up: an hour takes two, and no record is
/// ever earlier than the last.
struct CaptureClock {
    struct Time: Hashable {
        var date: Date
        var source: EventStamp.TimeSource
    }

    /// Seconds. A camera further off has a wrong clock: its time zone, or none at all. So has one that jumps so far.
    static let believable = 60.0

    private var last: (date: Date, arrival: ContinuousClock.Instant)?
    private var lastReport: (date: Date, arrival: ContinuousClock.Instant)?
    private var followsReports = false
    /// How far the camera's clock is ahead of this machine's (plus the transport's time), in seconds.
    private(set) var cameraAhead: Double?

    /// - Parameters:
    ///   - reported: by the camera; `nil`: not (yet).
    ///   - arrived: by this machine's clock.
    ///   - arrival: the same moment by the clock that nobody sets.
    mutating func time(reported: Date?, arrived: Date, arrival: ContinuousClock.Instant) -> Time {
        var target = Time(date: arrived, source: .arrival)
        if let reported {
            let ahead = reported.timeIntervalSince(arrived)
            // When this machine's clock is set, the camera's is still right.
            let jumped = lastReport.map {
                abs(reported.timeIntervalSince($0.date) - (arrival - $0.arrival).seconds) > Self.believable
            }
            if !followsReports || jumped == true { followsReports = abs(ahead) < Self.believable }
            (cameraAhead, lastReport) = (ahead, (reported, arrival))
            if followsReports { target = Time(date: reported, source: .rtcp) }
        }
        if let last, target.date < last.date {
            let passed = max((arrival - last.arrival).seconds, 0)
            target.date = last.date + max(passed / 2, 0.001)
        }
        last = (target.date, arrival)
        return target
    }

    /// A new connection: the reports of the old one say nothing about its times.
    mutating func reconnected() {
        followsReports = false
        (cameraAhead, lastReport) = (nil, nil)
    }
}
