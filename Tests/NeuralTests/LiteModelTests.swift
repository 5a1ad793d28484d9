import Darknet
import Neural
import TestSupport
import Testing

/// Check C13 of the spec: two real models end to end, on a pattern.
@Suite(.enabled(if: TestData.available, TestData.skipMessage))
struct LiteModelTests {
    private struct Expectation {
        /// (channel, row, column) of the 125 x 7 x 7 output, and its value.
        var spots: [((Int, Int, Int), Float)]
        var sum: Float
    }

    /// input[c][y][x] = ((3x + 5y + 7c) mod 256) / 255.
    private var pattern: [Float] {
        var pattern: [Float] = []
        for c in 0..<3 {
            for y in 0..<224 {
                for x in 0..<224 { pattern.append(Float((3 * x + 5 * y + 7 * c) % 256) / 255) }
            }
        }
        return pattern
    }

    private func session(
        _ name: String, _ denominator: BatchNormDenominator, keepsEveryLayer: Bool = false
    ) throws -> Session {
        let config = try NetworkConfig(contentsOf: TestData.path("models/\(name).cfg"))
        let weights = try WeightsFile(contentsOf: TestData.path("models/\(name).weights"), for: config)
        return try Session(
            model: Model(config: config, weights: weights, batchNorm: denominator), width: 224, height: 224,
            threads: 2, keepsEveryLayer: keepsEveryLayer)
    }

    private func expect(_ output: [Float], _ expectation: Expectation) {
        for ((channel, row, column), value) in expectation.spots {
            #expect(abs(output[(channel * 7 + row) * 7 + column] - value) < 2e-3, "\(channel), \(row), \(column)")
        }
        #expect(abs(output.reduce(0, +) - expectation.sum) < 0.1)
    }

    @Test func withoutBatchNorm() throws {
        let session = try session("yolo-lite-voc", .rootPlusEpsilon, keepsEveryLayer: true)
        #expect(session.outputShape == TensorShape(channels: 125, height: 7, width: 7))
        let output = try session.run(pattern)
        expect(
            output,
            Expectation(
                spots: [
                    ((0, 0, 0), 0.70917), ((0, 0, 1), 0.83148), ((0, 0, 2), 0.30736), ((4, 3, 3), -9.47562),
                    ((29, 2, 5), -0.79895), ((124, 6, 6), -0.09509),
                ], sum: -2035.896))
        let first = try #require(try session.layerOutput(0))
        let mean = first.reduce(0) { $0 + Double($1) } / Double(first.count)
        #expect(abs(mean - 0.137660) < 1e-5)
    }

    @Test func withBatchNorm() throws {
        expect(
            try session("yolo-lite-voc-bn", .rootPlusEpsilon).run(pattern),
            Expectation(
                spots: [
                    ((0, 0, 0), -0.36884), ((0, 0, 1), 0.46892), ((0, 0, 2), -0.85076), ((4, 3, 3), -5.38792),
                    ((29, 2, 5), -3.25798), ((124, 6, 6), 0.65119),
                ], sum: -2393.992))
    }

    /// The other denominator is told apart by the sum.
    @Test func withBatchNormOfTheGPU() throws {
        expect(
            try session("yolo-lite-voc-bn", .rootOfSum).run(pattern),
            Expectation(spots: [((0, 0, 0), -0.36898)], sum: -2394.157))
    }
}
