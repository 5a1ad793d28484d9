import Pipeline

/// Decides at which of its sizes each stream is analysed: a smaller one where frames would be lost for want of time, a
/// larger one where there is room.
///
/// One for the engine, not one a stream: what is short are the lanes, all streams lose frames for it at the same time,
/// and controls that know nothing of each other would all step down at once, and then all up. So one stream takes one
/// step, and what came of it is seen before the next. Down goes the stream that takes most of the lanes' time, up the one
/// that will take least: equal streams go in turn, and of unequal ones that gives way which costs most. Streams without
/// a choice of sizes count as load.
///
/// Up only with room to spare, and not soon: the pause before it grows each time a step up had to be taken back.
///
/// A size that a stream could not be given is barred for that stream alone, each time longer: the next smaller one may
/// do, or another stream gives way.
struct SizeControl<ID: Hashable> {
    struct Step: Hashable {
        let id: ID
        /// Places in the stream's list of sizes.
        let from: Int
        let to: Int
        /// Share of the frames of all streams that was dropped for want of time.
        let dropped: Double

        var isUp: Bool { to > from }
    }

    /// Seconds that are looked at, and the frames that must have come meanwhile.
    static var window: Double { 2 }
    /// The same where more than half of the frames is dropped, which need not be looked at for long.
    static var shortestWindow: Double { 1 }
    static var leastFrames: Int { 8 }
    /// Where so few come in so long, nothing is told by them.
    static var longestWindow: Double { 30 }
    /// Pressure: more than this share of the frames is dropped,
    static var pressingDrops: Double { 0.1 }
    /// and the lanes are as busy as this. Frames that are lost though lanes are free come in bursts, or cannot be written.
    static var pressingLoad: Double { 0.8 }
    /// Room: hardly a frame is dropped, and at the larger size the lanes would be less busy than this.
    static var roomyDrops: Double { 0.01 }
    static var roomyLoad: Double { 0.7 }
    /// Seconds from a step to a step up.
    static var shortestPause: Double { 10 }
    static var longestPause: Double { 600 }
    /// Seconds that the cost of another size than the present one is believed: what made it so may be over.
    static var memory: Double { 600 }

    private struct Cost {
        /// Of a lane, a frame; the newest count most.
        var seconds: Double
        var at: MonotonicTime
    }

    /// Of a size that could not be taken.
    private struct Bar {
        var pause = SizeControl.shortestPause
        var until: MonotonicTime
    }

    private struct Member {
        /// Of the network's input, in pixels, rising.
        var areas: [Int]
        var rung: Int
        var costs: [Int: Cost] = [:]
        /// By area.
        var bars: [Int: Bar] = [:]
        // In the present window.
        var wanted = 0
        var dropped = 0

        /// Seconds of a lane that a frame takes at a size: as measured, or by that of the nearest that was.
        func cost(at rung: Int) -> Double? {
            if let known = costs[areas[rung]] { return known.seconds }
            let nearest = costs.min { distance($0.key, rung) < distance($1.key, rung) }
            return nearest.map { $0.value.seconds * Double(areas[rung]) / Double($0.key) }
        }

        func isBarred(_ rung: Int, at now: MonotonicTime) -> Bool { bars[areas[rung]].map { now < $0.until } ?? false }

        /// The next smaller size that can be taken.
        func down(at now: MonotonicTime) -> Int? { (0..<rung).last { !isBarred($0, at: now) } }

        func canStepUp(at now: MonotonicTime) -> Bool { rung + 1 < areas.count && !isBarred(rung + 1, at: now) }

        private func distance(_ area: Int, _ rung: Int) -> Int { abs(area - areas[rung]) }
    }

    private let lanes: Double
    private var members: [ID: Member] = [:]
    private var windowStart: MonotonicTime?
    private var last: (isUp: Bool, at: MonotonicTime)?
    private var pause = Self.shortestPause
    /// Of a step up.
    private var notBefore: MonotonicTime?

    init(lanes: Int) { self.lanes = Double(lanes) }

    /// What a stream can be analysed at, in pixels, rising; it starts at the largest.
    mutating func set(_ areas: [Int], of id: ID) {
        guard let known = members[id] else {
            members[id] = Member(areas: areas, rung: areas.count - 1)
            return
        }
        guard known.areas != areas else { return }
        members[id]?.areas = areas
        members[id]?.bars = known.bars.filter { areas.contains($0.key) }
        members[id]?.rung = min(known.rung, areas.count - 1)
    }

    mutating func remove(_ id: ID) { members[id] = nil }

    /// The place of a stream's present size.
    func rung(of id: ID) -> Int? { members[id]?.rung }

    // MARK: What happens

    /// A frame came that is to be analysed.
    ///
    /// - Parameter dropsOther: one that waited gave way to it.
    mutating func wanted(_ id: ID, dropsOther: Bool) {
        members[id]?.wanted += 1
        if dropsOther { members[id]?.dropped += 1 }
    }

    /// A frame was analysed at a size of so many pixels, and took a lane so many seconds.
    mutating func analysed(_ id: ID, area: Int, seconds: Double, at now: MonotonicTime) {
        guard members[id] != nil else { return }
        let known = members[id]?.costs[area]?.seconds ?? seconds
        members[id]?.costs[area] = Cost(seconds: known + 0.2 * (seconds - known), at: now)
    }

    /// The step was taken.
    mutating func took(_ step: Step, at now: MonotonicTime) {
        if let member = members[step.id] {
            let rung = min(step.to, member.areas.count - 1)
            members[step.id]?.rung = rung
            members[step.id]?.bars[member.areas[rung]] = nil
        }
        if step.isUp {
            // The one before it has lasted.
            if last?.isUp == true { pause = max(Self.shortestPause, pause / 2) }
        } else if let last, last.isUp, now - last.at < 2 * pause {
            pause = min(Self.longestPause, pause * 2)
        }
        last = (step.isUp, now)
        startWindow(at: now)
    }

    /// The step cannot be taken.
    mutating func failed(_ step: Step, at now: MonotonicTime) {
        if let member = members[step.id], step.to < member.areas.count {
            var bar = member.bars[member.areas[step.to]] ?? Bar(until: now)
            bar.pause = min(Self.longestPause, bar.pause * 2)
            bar.until = now + bar.pause
            members[step.id]?.bars[member.areas[step.to]] = bar
        }
        // What another stream lacks, a larger size hardly gets.
        notBefore = now + pause
        startWindow(at: now)
    }

    // MARK: What follows

    /// The step to take now, if any. It is to be answered with `took` or `failed` before the next question.
    mutating func step(at now: MonotonicTime) -> Step? {
        guard let start = windowStart else {
            startWindow(at: now)
            return nil
        }
        let (seconds, wanted) = (now - start, members.values.reduce(0) { $0 + $1.wanted })
        let dropped = Double(members.values.reduce(0) { $0 + $1.dropped }) / Double(max(wanted, 1))
        guard seconds >= (dropped > 0.5 ? Self.shortestWindow : Self.window), wanted >= Self.leastFrames else {
            if seconds > Self.longestWindow { startWindow(at: now) }
            return nil
        }
        defer { startWindow(at: now) }
        forget(at: now)
        let load = members.values.reduce(0) { $0 + time($1, at: $1.rung, in: seconds) } / lanes
        if dropped > Self.pressingDrops, load > Self.pressingLoad {
            return stepDown(in: seconds, dropped: dropped, at: now)
        }
        let rests = (last.map { now - $0.at < pause } ?? false) || (notBefore.map { now < $0 } ?? false)
        return dropped > Self.roomyDrops || rests ? nil : stepUp(in: seconds, load: load, dropped: dropped, at: now)
    }

    private func stepDown(in seconds: Double, dropped: Double, at now: MonotonicTime) -> Step? {
        let able = members.filter {
            time($0.value, at: $0.value.rung, in: seconds) > 0 && $0.value.down(at: now) != nil
        }
        let most = able.max {
            time($0.value, at: $0.value.rung, in: seconds) < time($1.value, at: $1.value.rung, in: seconds)
        }
        guard let (id, member) = most, let rung = member.down(at: now) else { return nil }
        return Step(id: id, from: member.rung, to: rung, dropped: dropped)
    }

    private func stepUp(in seconds: Double, load: Double, dropped: Double, at now: MonotonicTime) -> Step? {
        let able = members.filter { _, member in
            let present = time(member, at: member.rung, in: seconds)
            guard present > 0, member.canStepUp(at: now) else { return false }
            let more = time(member, at: member.rung + 1, in: seconds) - present
            return load + more / lanes < Self.roomyLoad
        }
        let least = able.min {
            time($0.value, at: $0.value.rung + 1, in: seconds) < time($1.value, at: $1.value.rung + 1, in: seconds)
        }
        return least.map { Step(id: $0.key, from: $0.value.rung, to: $0.value.rung + 1, dropped: dropped) }
    }

    /// Seconds of a lane that a stream would take each second if none of its frames were dropped.
    private func time(_ member: Member, at rung: Int, in seconds: Double) -> Double {
        Double(member.wanted) / seconds * (member.cost(at: rung) ?? 0)
    }

    private mutating func forget(at now: MonotonicTime) {
        for (id, member) in members {
            let present = member.areas[member.rung]
            members[id]?.costs = member.costs.filter { $0.key == present || now - $0.value.at < Self.memory }
            members[id]?.bars = member.bars.filter { now - $0.value.until < Self.memory }
        }
    }

    private mutating func startWindow(at now: MonotonicTime) {
        windowStart = now
        for id in members.keys {
            members[id]?.wanted = 0
            members[id]?.dropped = 0
        }
    }
}
