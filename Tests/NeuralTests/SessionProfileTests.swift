import Darknet
import Pipeline
import Testing

@testable import Neural

@Suite struct SessionProfileTests {
    /// A small YOLOv2: pools, passthrough, concat.
    private static let config = NetworkConfig.network(
        [
            .conv(16, norm: true), .pool(2, 2), .conv(32, norm: true), .conv(32, norm: true), .pool(2, 2), .conv(64),
            .route(3), .conv(16, 1), .reorg(2), .route(8, 5), .conv(64), .conv(25, 1, activation: .linear),
        ], width: 64, height: 64)

    private func session(
        _ width: Int, _ height: Int, batch: Int = 1, kernels: KernelPreference = .throughput
    ) throws -> Session {
        try Session(
            model: Model(config: Self.config, weights: .random(for: Self.config)), width: width, height: height,
            batch: batch, threads: 1, kernels: kernels)
    }

    @Test(arguments: KernelPreference.allCases)
    func `every layer, with what is done for it`(_ kernels: KernelPreference) throws {
        let session = try session(64, 32, kernels: kernels)
        let times = try session.profile(runs: 3)
        let layers = Self.config.layers
        #expect(times.map(\.layer) == Array(layers.indices))
        #expect(try times.map(\.flops) == Self.config.flops(width: 64, height: 32))
        for time in times {
            let names = time.operations.map(\.name)
            switch layers[time.layer].kind {
            case .convolutional: #expect(names.count { $0 == "convolution" } == 1, "layer \(time.layer): \(names)")
            case .maxpool: #expect(names.count { $0 == "pooling" } == 1, "layer \(time.layer): \(names)")
            case .reorg: #expect(names.last == "reorg")
            default: break
            }
            #expect(time.operations.allSatisfy { !$0.kernel.isEmpty && $0.milliseconds >= 0 })
            #expect((time.gflopsPerSecond > 0) == (time.flops > 0))
        }
        // It only says where something lies.
        #expect(times[6].operations.isEmpty && times[6].milliseconds == 0)
        #expect(times.reduce(0) { $0 + $1.operations.count } == session.plan.operations.count)
    }

    @Test func softmax() throws {
        let config = NetworkConfig.network([.conv(4), .avgpool, .softmax(Softmax())])
        let session = try Session(
            model: Model(config: config, weights: .random(for: config)), width: 16, height: 16, threads: 1)
        #expect(try session.profile(runs: 1)[2].operations.last?.name == "softmax")
    }

    @Test func `a batch counts all of its images`() throws {
        let (one, four) = (try session(32, 32), try session(32, 32, batch: 4))
        #expect(try four.profile(runs: 1).map(\.flops) == one.profile(runs: 1).map { 4 * $0.flops })
    }

    /// What a run computes, and about in its time: the layers are the run's, none left out and none counted twice.
    @Test func `the sum is about a run`() throws {
        let session = try session(256, 256)
        let image = (0..<session.inputShape.count).map { Float($0 % 7) / 7 }
        let output = try session.run(image)
        var (best, least) = (Double.infinity, Double.infinity)
        // Minima of ten turns, or of more: a busy machine holds up whole runs more often than single steps.
        for turn in 0..<200 where turn < 10 || !isAbout(least, best) {
            let begin = MonotonicTime.now
            _ = try session.run(image)
            best = min(best, (MonotonicTime.now - begin) * 1e3)
            least = min(least, try session.profile(image, runs: 3).reduce(0) { $0 + $1.milliseconds })
        }
        #expect(isAbout(least, best), "\(least) ms of \(best) ms")
        _ = try session.run(image.map { 1 - $0 })
        _ = try session.profile(image, runs: 1)
        #expect(Array(session.output) == output)
    }

    private func isAbout(_ sum: Double, _ run: Double) -> Bool { (run / 3...run * 3).contains(sum) }

    @Test func `at least one run`() throws {
        let session = try session(32, 32)
        #expect(throws: NeuralError.parameter("runs", value: 0, allowed: 1...Int.max)) { try session.profile(runs: 0) }
    }
}
