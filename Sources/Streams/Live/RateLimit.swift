/// Lets so many frames a second pass, evenly, by their own times.
struct RateLimit {
    /// Seconds from frame to frame.
    private let interval: Double
    private var due: Double?
    private var last = -Double.infinity

    init(framesPerSecond: Double) { interval = 1 / framesPerSecond }

    /// - Parameter time: the frame's, in seconds; a time line that starts anew is followed.
    mutating func passes(_ time: Double) -> Bool {
        defer { last = time }
        // Times are rounded: a frame that is due in a moment would otherwise wait for the next.
        guard let due, time >= last, time < due - interval * 0.05 else {
            // From the grid, so that jitter does not add up; from here, after a pause or at the start.
            let start = due.map { time >= last && time - $0 < interval ? $0 : time } ?? time
            self.due = start + interval
            return true
        }
        return false
    }
}
