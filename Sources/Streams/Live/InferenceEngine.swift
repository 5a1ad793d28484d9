import Detection
import Media
import Pipeline

/// The one place where all live streams meet: takes the newest frame of each in fair turn and puts it through its
/// network. One copy of a network's weights serves all; each lane computes on cores of its own.
///
/// Several frames are computed side by side, one a lane, rather than as one batch: measured at 416x256 on two cores,
/// batches of 2 took 1.1 to 1.6 times as long a frame, batches of 4 from .9 (yolov2-voc) to 1.13 times (tiny). Where
/// batches pay, `batch` asks for them.
///
/// `@unchecked Sendable`: every variable, and those of the slots, are read and written with `condition` held.
public final class InferenceEngine: @unchecked Sendable {
    public struct Options: Hashable, Sendable {
        /// Frames computed side by side.
        public var lanes: Int
        /// Cores of all lanes together.
        public var threads: Int
        /// Frames of several streams computed together, when so many wait.
        public var batch: Int

        public init(lanes: Int, threads: Int, batch: Int = 1) {
            self.lanes = max(1, lanes)
            self.threads = max(self.lanes, threads)
            self.batch = max(1, batch)
        }
    }

    /// A frame on its way through the network.
    struct Job {
        let slot: FrameSlot
        let frame: LiveFrame
        /// Of the network's input.
        let shape: InputShape
        let position: Int
    }

    /// What a lane does next.
    private enum Work {
        case analyse([Job])
        /// Make what a size takes that is to be used next.
        case prepare(FrameSlot, InputShape)
        /// Let go of what is no longer used.
        case tidy
    }

    /// What lanes keep things ready for.
    private typealias InUse = (slots: [FrameSlot], kinds: Set<InferenceLane.Kind>)

    public let options: Options
    private let condition = Condition()
    private var slots: [ObjectIdentifier: FrameSlot] = [:]
    private var share = FairShare<ObjectIdentifier>()
    private var sizes: SlotSizes
    private var isStopped = false
    private var lanes: [StageThread] = []

    /// Starts the lanes.
    ///
    /// - Parameter heartbeats: where each lane shows that it moves.
    public init(_ options: Options, heartbeats: Heartbeats) throws {
        self.options = options
        sizes = SlotSizes(lanes: options.lanes)
        for index in 0..<options.lanes {
            let threads = options.threads / options.lanes + (index < options.threads % options.lanes ? 1 : 0)
            let heartbeat = heartbeats.make("infer-\(index)")
            // The lanes end with `stop()`, which whoever made the engine calls.
            lanes.append(
                try StageThread("infer-\(index)") { [self] in
                    run(InferenceLane(threads: threads, heartbeat: heartbeat), index, heartbeat)
                })
        }
    }

    /// Ends the lanes when what they compute is done. All slots must be closed.
    public func stop() {
        condition.withLock {
            isStopped = true
            condition.broadcast()
        }
        for lane in lanes { lane.join() }
        lanes = []
    }

    // MARK: For streams

    /// - Parameter weight: the slot's share, against those of others: frames a second that it wants.
    func add(_ slot: FrameSlot, weight: Double) {
        condition.withLock {
            slots[ObjectIdentifier(slot)] = slot
            share.add(ObjectIdentifier(slot), weight: weight)
        }
    }

    func setWeight(_ weight: Double, of slot: FrameSlot) {
        condition.withLock { share.setWeight(weight, of: ObjectIdentifier(slot)) }
    }

    /// Gives the slot a newer frame.
    ///
    /// - Returns: the one that is dropped for it: the frame that waited, or this one if the slot is closed.
    func put(_ frame: LiveFrame, into slot: FrameSlot) -> LiveFrame? {
        condition.withLock {
            guard !slot.isClosed else { return frame }
            let replaced = slot.replace(frame)
            if replaced == nil { share.wants(ObjectIdentifier(slot)) }
            sizes.adapt(slot, to: frame.frame)
            sizes.wanted(slot, dropsOther: replaced != nil, of: slots, at: .now)
            condition.broadcast()
            return replaced
        }
    }

    /// The network's input for this picture, if it came now.
    func shape(for frame: Frame, in slot: FrameSlot) -> InputShape {
        condition.withLock {
            sizes.adapt(slot, to: frame)
            return sizes.shape(of: slot)
        }
    }

    /// Puts something that is no frame in its place among the stream's results. `false`: the stream is stopped, or so
    /// much waits to be written that the results would not hold it.
    func post(_ item: StreamItem, to slot: FrameSlot) -> Bool {
        let position: Int? = condition.withLock {
            slot.isClosed || slot.posts == Self.mostPosts ? nil : slot.post()
        }
        guard let position else { return false }
        // Lanes post, too, and the stream may be closed before they have.
        defer { condition.withLock { slot.arrived() } }
        return slot.results.push(item, at: position)
    }

    private static let mostPosts = 16

    /// Waits until no frame waits, or for so long.
    func awaitTaken(_ slot: FrameSlot, seconds: Double) {
        condition.withLock {
            let deadline = MonotonicTime.now + seconds
            while slot.waiting != nil, condition.wait(until: deadline) {}
        }
    }

    /// Takes back the frame that waits, because what follows must not be mixed with it.
    func withdraw(_ slot: FrameSlot) -> LiveFrame? { condition.withLock { slot.replace(nil) } }

    /// The slot's output is done with one of the results: there is room for another.
    func written(_ item: StreamItem, of slot: FrameSlot) {
        condition.withLock {
            slot.written(item)
            condition.broadcast()
        }
    }

    /// The stream ends: frames in the network still reach its results, which then finish.
    ///
    /// - Returns: the frame that waited.
    func close(_ slot: FrameSlot) -> LiveFrame? {
        condition.withLock {
            guard !slot.isClosed else { return nil }
            slot.close()
            slots[ObjectIdentifier(slot)] = nil
            share.remove(ObjectIdentifier(slot))
            sizes.remove(slot)
            condition.broadcast()
            return slot.replace(nil)
        }
    }

    // MARK: Lanes

    private func run(_ lane: InferenceLane, _ index: Int, _ heartbeat: Heartbeat) {
        var seen = 0
        while let (work, inUse) = takeWork(for: index, &seen) {
            heartbeat.begin()
            if let inUse { lane.keepOnly(inUse.slots, inUse.kinds) }
            switch work {
            case .analyse(let jobs):
                let (detections, seconds) = lane.analyse(jobs)
                for (job, detections) in zip(jobs, detections) {
                    let analysed = AnalysedFrame(live: job.frame, shape: job.shape, detections: detections)
                    _ = job.slot.results.push(.frame(analysed), at: job.position)
                    finished(job, seconds: seconds.map { $0 / Double(jobs.count) })
                }
            case .prepare(let slot, let shape):
                prepared(slot, shape, by: index, Result { try lane.prepare(slot, shape, batch: options.batch) })
            case .tidy: break
            }
            heartbeat.end()
        }
    }

    /// What is to be done, waiting for it, and what is to be kept where that has changed; `nil`: stopped.
    private func takeWork(for lane: Int, _ seen: inout Int) -> (Work, InUse?)? {
        condition.withLock {
            while true {
                if isStopped { return nil }
                if let work = nextWork(for: lane) ?? (sizes.generation != seen ? .tidy : nil) {
                    defer { seen = sizes.generation }
                    return (work, sizes.generation == seen ? nil : (Array(slots.values), sizes.kinds(of: slots.values)))
                }
                condition.wait()
            }
        }
    }

    private func nextWork(for lane: Int) -> Work? {
        if let (slot, shape) = sizes.preparation(for: lane) { return .prepare(slot, shape) }
        let ready = slots.filter { $0.value.waiting != nil && $0.value.unwritten <= options.lanes }
        guard let first = share.next(of: ready.keys), let slot = ready[first] else { return nil }
        let jobs = batch(around: slot, of: ready).compactMap(take)
        condition.broadcast()
        return .analyse(jobs)
    }

    /// The slot alone, or with as many of its like as make a batch.
    private func batch(around slot: FrameSlot, of ready: [ObjectIdentifier: FrameSlot]) -> [FrameSlot] {
        guard options.batch > 1 else { return [slot] }
        var alike = ready.values.filter {
            $0 !== slot && $0.network.model === slot.network.model && sizes.shape(of: $0) == sizes.shape(of: slot)
        }
        guard alike.count + 1 >= options.batch else { return [slot] }
        var batch = [slot]
        while batch.count < options.batch, let next = share.next(of: alike.map(ObjectIdentifier.init)) {
            let index = alike.firstIndex { ObjectIdentifier($0) == next }
            if let index { batch.append(alike.remove(at: index)) }
        }
        return batch
    }

    private func take(_ slot: FrameSlot) -> Job? {
        share.take(ObjectIdentifier(slot))
        return slot.take().map { Job(slot: slot, frame: $0.frame, shape: sizes.shape(of: slot), position: $0.position) }
    }

    /// - Parameter seconds: that the frame took; `nil`: it failed.
    private func finished(_ job: Job, seconds: Double?) {
        condition.withLock {
            job.slot.computed()
            if let seconds { sizes.analysed(job.slot, job.shape, seconds: seconds, at: .now) }
        }
    }

    /// A lane has made what frames of another size take, or could not.
    private func prepared(_ slot: FrameSlot, _ shape: InputShape, by lane: Int, _ result: Result<Void, any Error>) {
        let report: SizeReport? = condition.withLock {
            defer { condition.broadcast() }
            return sizes.prepared(slot, shape, by: lane, result, at: .now)
        }
        // Where so much waits to be written that there is no room, it is only a line less in the journal.
        if let report { _ = post(.size(report), to: slot) }
    }
}
