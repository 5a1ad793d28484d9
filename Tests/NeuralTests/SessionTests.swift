import Darknet
import Dispatch
import Pipeline
import TestSupport
import Testing

@testable import Neural

@Suite struct SessionTests {
    /// A small YOLOv2: pools, passthrough, concat.
    private static let config = NetworkConfig.network(
        [
            .conv(16, norm: true), .pool(2, 2), .conv(32, norm: true), .conv(32, norm: true), .pool(2, 2), .conv(64),
            .route(3), .conv(16, 1), .reorg(2), .route(8, 5), .conv(64), .conv(25, 1, activation: .linear),
        ], width: 64, height: 64)

    private static func model() throws -> Model { try Model(config: config, weights: .reproducible(config)) }

    private func image(_ session: Session, seed: UInt64) -> [Float] { randomImage(session.inputShape, seed: seed) }

    @Test func rectangle() throws {
        try expectAgreement(Self.config, width: 96, height: 32)
        let session = try Session(model: Self.model(), width: 96, height: 32, threads: 1)
        #expect(session.inputShape == TensorShape(channels: 3, height: 32, width: 96))
        #expect(session.outputShape == TensorShape(channels: 25, height: 8, width: 24))
        #expect(session.output.count == 25 * 8 * 24)
    }

    @Test func sizeThatDoesNotFit() throws {
        let model = try Self.model()
        #expect(throws: DarknetError.self) { try Session(model: model, width: 63, height: 64, threads: 1) }
        #expect(throws: DarknetError.self) { try Session(model: model, width: 0, height: 64, threads: 1) }
        #expect(throws: DarknetError.self) { try Session(model: model, width: 64, height: -64, threads: 1) }
        #expect(throws: DarknetError.self) { try Session(model: model, width: 1 << 40, height: 64, threads: 1) }
    }

    @Test(arguments: [0, -1, 1025, Int.max, Int.min])
    func impossibleCounts(_ count: Int) throws {
        let model = try Self.model()
        #expect(throws: NeuralError.parameter("threads", value: count, allowed: 1...1024)) {
            try Session(model: model, width: 64, height: 64, threads: count)
        }
        #expect(throws: NeuralError.parameter("batch", value: count, allowed: 1...256)) {
            try Session(model: model, width: 64, height: 64, batch: count, threads: 1)
        }
    }

    /// A terabyte is refused, by oneDNN or by the kernel, and not tried.
    @Test func hugeInput() throws {
        let config = NetworkConfig.network([.conv(1, 1)], width: 32, height: 32, channels: 4)
        let model = try Model(config: config, weights: .reproducible(config))
        #expect(throws: NeuralError.self) {
            try Session(model: model, width: 16_384, height: 16_384, batch: 256, threads: 1)
        }
    }

    /// Both kinds of kernels share a model, and differ by rounding alone.
    @Test func preferences() throws {
        let model = try Self.model()
        let direct = try Session(model: model, width: 64, height: 64, threads: 2, kernels: .startup)
        let fast = try Session(model: model, width: 64, height: 64, threads: 2)
        let first = image(direct, seed: 3)
        #expect(relativeError(try fast.run(first), try direct.run(first)) < KernelPreference.throughput.tolerance)
    }

    @Test func batchEqualsSingleImages() throws {
        let model = try Self.model()
        let single = try Session(model: model, width: 64, height: 64, threads: 2)
        let four = try Session(model: model, width: 64, height: 64, batch: 4, threads: 2)
        let images = (0..<4).map { image(single, seed: $0) }
        let expected = try images.flatMap { try single.run($0) }
        #expect(relativeError(try four.run(Array(images.joined())), expected) < 1e-5)
    }

    /// Neither the number of threads nor the runs before change a result, and the image stays as it was.
    @Test func repeatable() throws {
        let model = try Self.model()
        let one = try Session(model: model, width: 64, height: 64, threads: 1)
        let first = image(one, seed: 1)
        let expected = try one.run(first)
        _ = try one.run(image(one, seed: 2))
        #expect(try one.run(first) == expected)
        #expect(first == image(one, seed: 1))
        for threads in [2, 3, 7] {
            let session = try Session(model: model, width: 64, height: 64, threads: threads)
            #expect(relativeError(try session.run(first), expected) < 1e-5)
        }
    }

    @Test func everyLayerOnlyOnRequest() throws {
        let session = try Session(model: Self.model(), width: 64, height: 64, threads: 1)
        #expect(try session.layerOutput(0) == nil)
        let open = try Session(model: Self.model(), width: 64, height: 64, threads: 1, keepsEveryLayer: true)
        #expect(try open.layerOutput(-1) == nil)
        #expect(try open.layerOutput(12) == nil)
        #expect(open.scratchBytes > session.scratchBytes)
    }

    /// Only neighbours need memory at a time. (Winograd's kernels need working memory of their own besides.)
    @Test func memoryIsUsedAgain() throws {
        let layers = Array(repeating: Layer.Kind.conv(16), count: 10)
        let config = NetworkConfig.network(layers, width: 64, height: 64)
        let session = try Session(
            model: Model(config: config, weights: .reproducible(config)), width: 64, height: 64, threads: 1,
            kernels: .startup)
        let activation = 16 * 64 * 64 * 4
        #expect(session.scratchBytes < 5 * activation)
    }

    /// Sessions of two sizes share one model's weights while they run at once, and each is made on another thread than
    /// the one that runs it.
    @Test func sessionsOnTwoThreads() throws {
        let model = try Self.model()
        let sizes = [(64, 64), (96, 32)]
        let weights = try WeightsFile.reproducible(Self.config)
        let reference = ReferenceNetwork(config: Self.config, weights: weights)
        let results = Locked<[Int: [Float]]>([:])
        let errors = Locked<[String]>([])
        // Made here, used there, by one thread each: what a session allows.
        nonisolated(unsafe) let sessions = try sizes.map {
            try Session(model: model, width: $0.0, height: $0.1, threads: 2)
        }
        let images = sessions.map { image($0, seed: 5) }
        DispatchQueue.concurrentPerform(iterations: sizes.count) { index in
            do {
                for _ in 0..<20 {
                    let output = try sessions[index].run(images[index])
                    results.withLock { $0[index] = output }
                }
            } catch { errors.withLock { $0.append("\(error)") } }
        }
        #expect(errors.withLock { $0 } == [])
        for (index, (width, height)) in sizes.enumerated() {
            let expected = try reference.outputs(images[index], width: width, height: height).last
            #expect(relativeError(results.withLock { $0[index] } ?? [], try #require(expected)) < 1e-5)
        }
    }

    /// Sessions made at the same time by several threads, which all want the weights repacked.
    @Test func sessionsMadeAtOnce() throws {
        let model = try Self.model()
        let outputs = Locked<[[Float]]>([])
        let errors = Locked<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 6) { index in
            do {
                let session = try Session(model: model, width: 64, height: 64, threads: 1 + index % 2)
                let output = try session.run(randomImage(session.inputShape))
                outputs.withLock { $0.append(output) }
            } catch { errors.withLock { $0.append("\(error)") } }
        }
        #expect(errors.withLock { $0 } == [])
        let all = outputs.withLock { $0 }
        #expect(all.count == 6 && all.allSatisfy { relativeError($0, all[0]) < 1e-5 })
    }
}
