import CKernels
import Darknet
import TestSupport
import Testing

@testable import Neural

/// Forward and backward against a double-precision reference and its finite differences.
@Suite struct TrainingNetworkTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var cfg: String
        var width = 32
        var height = 32
        var testDescription: String { name }
    }

    static let flavours = [lk_plain_f32, lk_8_f32, lk_16_f32].filter { lk_flavour_is_available($0) != 0 }

    private static func conv(
        _ filters: Int, size: Int = 3, stride: Int = 1, norm: Bool = true, activation: String = "leaky",
        more: String = ""
    ) -> String {
        """
        [convolutional]
        \(norm ? "batch_normalize=1" : "")
        filters=\(filters)
        size=\(size)
        stride=\(stride)
        pad=1
        activation=\(activation)
        \(more)

        """
    }

    private static let halved = "[maxpool]\nsize=2\nstride=2\n"
    private static let head = conv(6, size: 1, norm: false, activation: "linear")

    static let cases: [Case] = [
        Case(name: "convolutions", cfg: conv(5) + conv(7, size: 1) + head, width: 9, height: 6),
        Case(name: "stride", cfg: conv(16, stride: 2) + conv(20, size: 5) + head, width: 15, height: 11),
        Case(name: "pool at once", cfg: conv(16) + halved + conv(24) + halved + head, width: 12, height: 8),
        Case(
            name: "other pools",
            cfg: conv(16) + "[maxpool]\nsize=2\nstride=1\n" + conv(8, norm: false) + halved
                + conv(8) + "[maxpool]\nsize=3\nstride=2\npadding=2\n" + head, width: 11, height: 7),
        Case(
            name: "activations",
            cfg: conv(5, activation: "logistic") + conv(6, norm: false, activation: "tanh")
                + conv(18, norm: false, activation: "elu") + conv(4, activation: "relu")
                + conv(3, norm: false, activation: "relu") + head, width: 7, height: 6),
        Case(
            name: "routes",
            cfg: conv(16) + conv(32) + conv(8, size: 1) + "[route]\nlayers=-1,1,0\n" + conv(8) + "[route]\nlayers=3\n"
                + conv(6) + "[route]\nlayers=-1,-3\n" + head, width: 6, height: 5),
        Case(
            name: "passthrough",
            cfg: conv(16) + halved + halved + conv(16) + halved + conv(16) + "[route]\nlayers=-3\n"
                + conv(4, size: 1) + "[reorg]\nstride=2\n" + "[route]\nlayers=-1,-4\n" + conv(8) + head),
        Case(
            name: "reorg3d", cfg: conv(16) + "[reorg3d]\nstride=2\n" + conv(8, size: 1) + head, width: 8, height: 6),
        Case(
            name: "odd channels",
            cfg: conv(24, norm: false) + conv(24, norm: false) + "[route]\nlayers=-1,-2\n" + conv(12, norm: false)
                + "[reorg3d]\nstride=2\n" + conv(5) + head, width: 8, height: 6),
        Case(name: "average", cfg: conv(12) + head + "[avgpool]\n", width: 7, height: 5),
        Case(name: "groups", cfg: conv(32) + conv(32, more: "groups=2") + head, width: 6, height: 6),
        Case(name: "winograd", cfg: conv(16) + conv(32) + conv(32) + head, width: 16, height: 16),
    ]

    private static let batch = 2

    private static func network(
        _ test: Case, flavour: lk_flavour, threads: Int = 1, precision: TrainingPrecision = .fp32,
        usesWinograd: Bool = true
    ) throws -> TrainingNetwork {
        let text = "[net]\nwidth=\(test.width)\nheight=\(test.height)\nchannels=3\n" + test.cfg
        let config = try NetworkConfig(parsing: text, file: "test.cfg")
        var weights = try WeightsFile.initial(for: config, seed: 3)
        // Other numbers than 0 and 1, which would hide mistakes.
        var random = UniformNumbers(seed: 9)
        for layer in weights.layers.keys.sorted() {
            guard var numbers = weights.layers[layer] else { continue }
            numbers.biases = random.array(numbers.biases.count) { $0 - 0.5 }
            numbers.batchNorm?.scales = random.array(numbers.biases.count) { $0 < 0.2 ? -0.7 : 0.5 + $0 }
            weights.layers[layer] = numbers
        }
        return try TrainingNetwork(
            config: config, weights: weights, batch: batch, threads: threads, precision: precision, seed: 1,
            flavour: flavour, usesWinograd: usesWinograd)
    }

    /// One pass forward and backward with a loss that is a weighted sum of the outputs.
    private static func pass(_ network: TrainingNetwork) throws -> (image: [Float], factors: [Float]) {
        var random = UniformNumbers(seed: 5)
        let image = random.array(network.input.count) { $0 }
        let factors = random.array(network.output.count) { $0 - 0.5 }
        _ = network.input.update(fromContentsOf: image)
        try network.forward()
        _ = network.outputGradient.update(fromContentsOf: factors)
        try network.backward()
        return (image, factors)
    }

    /// The reference is slow, so that all flavours are compared to one run of it.
    @Test(arguments: cases) func `agrees with the reference`(_ test: Case) throws {
        let networks = try Self.flavours.map { try Self.network(test, flavour: $0) }
        let reference = ReferenceTraining(
            config: networks[0].config, batch: Self.batch, width: test.width, height: test.height,
            weights: try networks[0].weightsFile(seen: 0).layers)
        var (image, factors) = ([Float](), [Float]())
        for network in networks { (image, factors) = try Self.pass(network) }
        let images = image.map(Double.init)
        let expected = try reference.output(images)
        let largest = expected.map(abs).max() ?? 0
        for network in networks {
            #expect(expected.count == network.output.count)
            let wrong = zip(expected, network.output).first { abs($0 - Double($1)) > 2e-4 * largest }
            #expect(wrong == nil)
        }

        let loss = { (change: ReferenceTraining.Change) in
            try zip(factors, reference.output(images, changing: change)).reduce(0) { $0 + Double($1.0) * $1.1 }
        }
        var random = UniformNumbers(seed: 7)
        for (index, parameter) in networks[0].parameters.enumerated() {
            let direction = (0..<parameter.plainCount).map { _ in random.next() - 0.5 }
            let step = 1e-5
            var change = ReferenceTraining.Change(
                layer: parameter.layer, kind: parameter.kind, direction: direction, step: step)
            let above = try loss(change)
            change.step = -step
            let difference = (above - (try loss(change))) / (2 * step)
            for network in networks {
                let gradient = try network.parameters[index].plain(network.parameters[index].gradient)
                let found = zip(gradient, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
                // Of the terms that make it up, which may cancel each other.
                let scale = zip(gradient, direction).reduce(0) { $0 + abs(Double($1.0) * $1.1) }
                #expect(
                    abs(found - difference) <= 3e-3 * scale + 1e-6,
                    "layer \(parameter.layer) \(parameter.kind): \(found), expected \(difference)")
            }
        }
    }

    /// A second pass adds, until the optimiser says that it has set gradients to 0.
    @Test(arguments: flavours.map(\.rawValue)) func `gradients add up`(_ flavour: UInt32) throws {
        let network = try Self.network(Self.cases[6], flavour: lk_flavour(flavour))
        _ = try Self.pass(network)
        let once = network.parameters.map { Array($0.gradient) }
        _ = try Self.pass(network)
        for (parameter, first) in zip(network.parameters, once) {
            #expect(zip(parameter.gradient, first).allSatisfy { abs($0 - 2 * $1) <= 1e-5 * abs($1) + 1e-6 })
            parameter.gradient.update(repeating: 0)
        }
        network.parametersChanged()
        _ = try Self.pass(network)
        #expect(network.parameters.map { Array($0.gradient) } == once)
    }

    /// What only fills up blocks never learns: the file does not have it. Steps, so that gradients meet used memory.
    @Test(arguments: cases, flavours.map(\.rawValue))
    func `padding stays zero`(_ test: Case, flavour: UInt32) throws {
        let network = try Self.network(test, flavour: lk_flavour(flavour))
        for _ in 0..<3 {
            _ = try Self.pass(network)
            for parameter in network.parameters {
                for index in 0..<parameter.count { parameter.values[index] -= 1e-3 * parameter.gradient[index] }
                parameter.gradient.update(repeating: 0)
            }
            network.parametersChanged()
        }
        for parameter in network.parameters {
            let values = Array(parameter.values)
            let plain = try parameter.plain(parameter.values)
            parameter.values.update(repeating: 0)
            try parameter.set(plain, in: parameter.values)
            #expect(Array(parameter.values) == values, "\(parameter.kind) of layer \(parameter.layer)")
        }
    }

    @Test func `weights of another network`() throws {
        let config = try Self.network(Self.cases[0], flavour: lk_plain_f32).config
        let other = try Self.network(Self.cases[2], flavour: lk_plain_f32)
        #expect(throws: NeuralError.self) {
            try TrainingNetwork(config: config, weights: try other.weightsFile(seen: 0), batch: 1, threads: 1)
        }
    }

    /// Bit for bit: another run gives the same.
    @Test(arguments: cases) func repeatable(_ test: Case) throws {
        let run = {
            let network = try Self.network(test, flavour: try TrainingLayout.flavour(for: .fp32), threads: 2)
            _ = try Self.pass(network)
            return Array(network.output) + (try network.parameters.flatMap { try $0.plain($0.gradient) })
        }
        #expect(try run() == run())
    }

    /// Another size and back leave the parameters alone, and what they give.
    @Test func resizing() throws {
        let network = try Self.network(Self.cases[6], flavour: try TrainingLayout.flavour(for: .fp32))
        _ = try Self.pass(network)
        let output = Array(network.output)
        let weights = try network.weightsFile(seen: 7)
        try network.resize(width: 64, height: 96)
        #expect(network.outputShape == TensorShape(channels: 6, height: 12, width: 8))
        _ = try Self.pass(network)
        try network.resize(width: 32, height: 32)
        #expect(try network.weightsFile(seen: 7).layers[0]?.weights == weights.layers[0]?.weights)
        _ = try Self.pass(network)
        #expect(Array(network.output) == output)
    }

    /// Rolling averages move by a hundredth of the way, and end in the file (C12).
    @Test func statistics() throws {
        let test = Case(name: "", cfg: Self.conv(3, size: 1, activation: "linear"), width: 4, height: 1)
        let network = try Self.network(test, flavour: try TrainingLayout.flavour(for: .fp32))
        let weights = (0..<9).map { Float($0.isMultiple(of: 4) ? 1 : 0) }
        let parameter = try #require(network.parameters.first { $0.kind == .weights })
        try parameter.set(weights, in: parameter.values)
        network.parametersChanged()
        // Channel by channel the numbers 1 to 8: four of each picture.
        for picture in 0..<2 {
            for channel in 0..<3 {
                for column in 0..<4 {
                    network.input[(picture * 3 + channel) * 4 + column] = Float(picture * 4 + column + 1)
                }
            }
        }
        try network.forward()
        let norm = try #require(try network.weightsFile(seen: 0).layers[0]?.batchNorm)
        for channel in 0..<3 {
            #expect(abs(norm.means[channel] - 0.045) < 1e-6 && abs(norm.variances[channel] - 0.06) < 1e-6)
        }
    }

    @Test(.enabled(if: TrainingPrecision.bf16.isAvailable)) func `bf16 is near`() throws {
        for test in Self.cases {
            let exact = try Self.network(test, flavour: lk_16_f32)
            let coarse = try Self.network(test, flavour: lk_16_bf16, precision: .bf16)
            _ = try Self.pass(exact)
            _ = try Self.pass(coarse)
            #expect(difference(Array(exact.output), Array(coarse.output)) < 0.05, "\(test.name)")
            for (a, b) in zip(exact.parameters, coarse.parameters) {
                let apart = difference(try a.plain(a.gradient), try b.plain(b.gradient))
                // Sums of random signs cancel, but errors do not.
                #expect(apart < 0.5, "\(test.name): \(a.kind) of layer \(a.layer)")
            }
        }
    }

    /// Of two vectors, as a part of the first.
    private func difference(_ a: [Float], _ b: [Float]) -> Float {
        let squares = zip(a, b).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (squares / max(a.reduce(0) { $0 + $1 * $1 }, 1e-12)).squareRoot()
    }

    @Test func dropout() throws {
        let cfg = Self.conv(16, activation: "linear") + "[dropout]\nprobability=.25\n"
        let network = try Self.network(
            Case(name: "", cfg: cfg, width: 32, height: 32), flavour: try TrainingLayout.flavour(for: .fp32))
        let plain = try Self.network(
            Case(name: "", cfg: Self.conv(16, activation: "linear"), width: 32, height: 32),
            flavour: try TrainingLayout.flavour(for: .fp32))
        _ = try Self.pass(network)
        _ = try Self.pass(plain)
        let first = Array(network.output)
        let dropped = first.count { $0 == 0 }
        #expect(abs(Double(dropped) / Double(first.count) - 0.25) < 0.02)
        #expect(
            zip(first, plain.output).allSatisfy { $0 == 0 || abs($0 - $1 / 0.75) < 1e-4 })
        _ = try Self.pass(network)
        #expect(Array(network.output) == first)
        network.sampleNumber = 64
        _ = try Self.pass(network)
        #expect(Array(network.output) != first)
    }

    @Test func `frozen layers stay`() throws {
        let cfg = Self.conv(8) + Self.conv(8, more: "stopbackward=1") + Self.conv(8) + Self.head
        let network = try Self.network(
            Case(name: "", cfg: cfg, width: 8, height: 8), flavour: try TrainingLayout.flavour(for: .fp32))
        _ = try Self.pass(network)
        #expect(Set(network.parameters.map(\.layer)) == [2, 3])

        let between = Self.conv(8) + Self.conv(8, more: "onlyforward=1") + Self.head
        let other = try Self.network(
            Case(name: "", cfg: between, width: 8, height: 8), flavour: try TrainingLayout.flavour(for: .fp32))
        _ = try Self.pass(other)
        #expect(Set(other.parameters.map(\.layer)) == [0, 2])
        #expect(other.parameters[0].gradient.contains { $0 != 0 })
    }

    @Test func `names the layer that is not finite`() throws {
        let network = try Self.network(Self.cases[0], flavour: try TrainingLayout.flavour(for: .fp32))
        _ = try Self.pass(network)
        #expect(network.firstNonFinite() == nil)
        network.parameters.first { $0.layer == 1 && $0.kind == .biases }?.values[0] = .nan
        network.parametersChanged()
        _ = try Self.pass(network)
        #expect(network.firstNonFinite()?.layer == 1)
    }
}
