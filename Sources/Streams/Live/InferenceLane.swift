import Detection
import Media
import Pipeline

/// What one lane of the engine computes with: a detector, an input and a preprocessor for each kind of work. One thread.
final class InferenceLane {
    /// Everything that a detector is made for.
    private struct DetectorKey: Hashable {
        let model: ObjectIdentifier
        let shape: InputShape
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

    /// The detections of each job's frame; all have the same network and size.
    func analyse(_ jobs: [InferenceEngine.Job]) -> [Result<[Detection], any Error>] {
        do {
            return try analyseTogether(jobs).map { .success($0) }
        } catch {
            return jobs.map { _ in .failure(error) }
        }
    }

    private func analyseTogether(_ jobs: [InferenceEngine.Job]) throws -> [[Detection]] {
        guard let first = jobs.first else { return [] }
        let bench = try bench(for: first.slot, shape: first.frame.shape, batch: jobs.count)
        for (job, input) in zip(jobs, bench.inputs) {
            try preprocessor(for: job.slot).prepare(job.frame.frame, into: input)
        }
        return try bench.detector.detect(bench.inputs, options: jobs.map(\.slot.options))
    }

    private func bench(for slot: FrameSlot, shape: InputShape, batch: Int) throws -> Bench {
        let key = DetectorKey(model: ObjectIdentifier(slot.network.model), shape: shape, batch: batch)
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

    /// Lets go of what none of these slots needs.
    func keepOnly(_ slots: [FrameSlot]) {
        let models = Set(slots.map { ObjectIdentifier($0.network.model) })
        benches = benches.filter { models.contains($0.key.model) }
        let known = Set(slots.map(ObjectIdentifier.init))
        preprocessors = preprocessors.filter { known.contains($0.key) }
    }
}
