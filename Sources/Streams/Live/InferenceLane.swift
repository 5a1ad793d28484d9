import Detection
import Media
import Pipeline

/// What one lane of the engine computes with: a detector, an input and a preprocessor for each kind of work. One thread.
final class InferenceLane {
    /// A network at a size.
    struct Kind: Hashable {
        let model: ObjectIdentifier
        let shape: InputShape

        init(_ slot: FrameSlot, _ shape: InputShape) {
            model = ObjectIdentifier(slot.network.model)
            self.shape = shape
        }
    }

    /// Everything that a detector is made for.
    private struct DetectorKey: Hashable {
        let kind: Kind
        let batch: Int
    }

    private struct Bench {
        let detector: Detector
        let inputs: [InputImage]
        var lastUsed: Int
    }

    /// Kinds of work that a lane keeps ready; more are made anew in turn. Each takes tens of megabytes.
    private static let mostBenches = 16

    private let threads: Int
    private let heartbeat: Heartbeat
    private var uses = 0
    private var benches: [DetectorKey: Bench] = [:]
    /// By slot: each keeps what fits the size of its stream's pictures.
    private var preprocessors: [ObjectIdentifier: Preprocessor] = [:]

    init(threads: Int, heartbeat: Heartbeat) {
        self.threads = threads
        self.heartbeat = heartbeat
    }

    /// Makes what frames of this slot will take at this size, alone and so many together.
    func prepare(_ slot: FrameSlot, _ shape: InputShape, batch: Int) throws {
        for count in Set([1, batch]) { _ = try bench(for: slot, shape: shape, batch: count) }
    }

    /// The detections of each job's frame; all have the same network and size.
    ///
    /// - Returns: also the seconds it took, without what had to be made first; `nil`: it failed.
    func analyse(_ jobs: [InferenceEngine.Job]) -> (detections: [Result<[Detection], any Error>], seconds: Double?) {
        do {
            let (detections, seconds) = try analyseTogether(jobs)
            return (detections.map { .success($0) }, seconds)
        } catch {
            return (jobs.map { _ in .failure(error) }, nil)
        }
    }

    private func analyseTogether(_ jobs: [InferenceEngine.Job]) throws -> ([[Detection]], seconds: Double) {
        let bench = try bench(for: jobs[0].slot, shape: jobs[0].shape, batch: jobs.count)
        let start = MonotonicTime.now
        for (job, input) in zip(jobs, bench.inputs) {
            try preprocessor(for: job.slot).prepare(job.frame.frame, into: input)
        }
        let detections = try bench.detector.detect(bench.inputs, options: jobs.map(\.slot.options))
        return (detections, .now - start)
    }

    private func bench(for slot: FrameSlot, shape: InputShape, batch: Int) throws -> Bench {
        let key = DetectorKey(kind: Kind(slot, shape), batch: batch)
        uses += 1
        benches[key]?.lastUsed = uses
        if let bench = benches[key] { return bench }
        if benches.count == Self.mostBenches, let oldest = benches.min(by: { $0.value.lastUsed < $1.value.lastUsed }) {
            benches[oldest.key] = nil
        }
        // Building a large network's kernels takes a slow machine long, and is no reason to restart it.
        heartbeat.end()
        defer { heartbeat.begin() }
        let detector = try Detector(
            slot.network, width: shape.width, height: shape.height, batch: batch, threads: threads)
        let made = Bench(
            detector: detector, inputs: (0..<batch).map { _ in detector.makeInput() }, lastUsed: uses)
        benches[key] = made
        return made
    }

    private func preprocessor(for slot: FrameSlot) -> Preprocessor {
        if let known = preprocessors[ObjectIdentifier(slot)] { return known }
        let made = Preprocessor(mode: slot.resize)
        preprocessors[ObjectIdentifier(slot)] = made
        return made
    }

    /// What it is ready for: of each kind so many frames together.
    var ready: [Kind: Set<Int>] {
        benches.keys.reduce(into: [:]) { $0[$1.kind, default: []].insert($1.batch) }
    }

    /// Lets go of what none of these slots needs, and of all sizes but these.
    func keepOnly(_ slots: [FrameSlot], _ kinds: Set<Kind>) {
        benches = benches.filter { kinds.contains($0.key.kind) }
        let known = Set(slots.map(ObjectIdentifier.init))
        preprocessors = preprocessors.filter { known.contains($0.key) }
    }
}
