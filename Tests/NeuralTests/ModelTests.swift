import Darknet
import Neural
import TestSupport
import Testing

@Suite struct ModelTests {
    private let config = NetworkConfig.network([.conv(4, norm: true), .conv(2, 1)])

    private func expectRefusal(
        _ expected: String, actual: String, layer: Int = 0, _ change: (inout [Int: ConvolutionWeights]) -> Void
    ) throws {
        var weights = try WeightsFile.reproducible(config)
        change(&weights.layers)
        let error = NeuralError.weights(
            layer: "network test: layer \(layer) [convolutional]", expected: expected, actual: actual)
        #expect(throws: error) { try Model(config: config, weights: weights) }
    }

    @Test func weightsThatDoNotFit() throws {
        try expectRefusal("2 filters", actual: "none for this layer", layer: 1) { $0[1] = nil }
        try expectRefusal("108 weights", actual: "107") { $0[0]?.weights.removeLast() }
        try expectRefusal("4 biases", actual: "5") { $0[0]?.biases.append(0) }
        try expectRefusal("4 scales", actual: "0") { $0[0]?.batchNorm?.scales = [] }
        try expectRefusal("4 means", actual: "3") { $0[0]?.batchNorm?.means.removeLast() }
        try expectRefusal("4 variances", actual: "3") { $0[0]?.batchNorm?.variances.removeLast() }
        try expectRefusal("batch normalisation", actual: "none") { $0[0]?.batchNorm = nil }
        try expectRefusal("variances of 0 or more", actual: "-1.0") { $0[0]?.batchNorm?.variances[2] = -1 }
    }

    /// A message says where, what, and what to do.
    @Test func messages() {
        let weights = NeuralError.weights(layer: "a.cfg:9: layer 0", expected: "4 biases", actual: "5")
        #expect(
            "\(weights)" == "a.cfg:9: layer 0: expected 4 biases in the weights, got 5. "
                + "Use the weights that were made for this cfg.")
        #expect("\(NeuralError.parameter("threads", value: 0, allowed: 1...8))" == "threads is 0, but must be 1 to 8")
        let engine = NeuralError.engine(call: "dnnl_x", status: "out_of_memory", action: "layer 3")
        #expect("\(engine)".hasPrefix("layer 3: oneDNN's dnnl_x failed (out_of_memory). This is oneDNN "))
    }

    @Test func engine() {
        #expect(EngineInfo.version.split(separator: ".").count == 3)
        #expect(
            !EngineInfo.instructionSet.isEmpty && EngineInfo.instructionSet == EngineInfo.instructionSet.uppercased())
    }
}
