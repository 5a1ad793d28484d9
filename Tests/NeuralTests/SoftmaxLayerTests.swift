import Darknet
import Testing

@testable import Neural

@Suite struct SoftmaxLayerTests {
    private func run(
        _ softmax: Softmax, _ values: [Float], shape: TensorShape? = nil, tree: WordTree? = nil, batch: Int = 1
    ) throws -> [Float] {
        let shape = shape ?? TensorShape(channels: values.count / batch, height: 1, width: 1)
        let layer = try SoftmaxLayer(softmax, tree: tree, shape: shape, batch: batch, place: "layer")
        let source = try Memory(copying: values, purpose: "test")
        let destination = try Memory(byteCount: source.byteCount, purpose: "test")
        layer.run(from: source.start, to: destination.start)
        return Array(destination.floats)
    }

    @Test func sumsToOne() throws {
        let result = try run(Softmax(), [1, 2, 3, -1])
        #expect(abs(result.reduce(0, +) - 1) < 1e-6)
        #expect(abs(result[2] / result[1] - 2.7182818) < 1e-5)
    }

    /// exp(1000) would overflow.
    @Test func largeValues() throws {
        #expect(try run(Softmax(), [1000, 1000, -1000, 1000]) == [1 / 3, 1 / 3, 0, 1 / 3])
        #expect(try run(Softmax(), [-1000, -1000]) == [0.5, 0.5])
    }

    @Test func groupsAndTemperature() throws {
        var softmax = Softmax()
        softmax.groups = 2
        softmax.temperature = 2
        let result = try run(softmax, [0, 2, 5, 5, 4, 0, 1, 1], batch: 2)
        let e: Float = 2.7182818
        let expected = [1 / (1 + e), e / (1 + e), 0.5, 0.5, e * e / (1 + e * e), 1 / (1 + e * e), 0.5, 0.5]
        #expect(relativeError(result, expected) < 1e-6)
    }

    @Test func spatial() throws {
        var softmax = Softmax()
        softmax.spatial = true
        let shape = TensorShape(channels: 2, height: 1, width: 3)
        let result = try run(softmax, [0, 50, 7, 0, -50, 7], shape: shape)
        #expect(relativeError(result, [0.5, 1, 0.5, 0.5, 0, 0.5]) < 1e-6)
    }

    /// Check C31 of the spec: each node's children sum to 1.
    @Test func tree() throws {
        let tree = try WordTree(parsing: "a -1\nb -1\nc 0\nd 0\ne 0\nf 1\ng 1\nh 3\ni 3\n", file: "small.tree")
        var softmax = Softmax()
        softmax.treeFile = "small.tree"
        let logits: [Float] = [3, 0, 0, 2, 0, 0.5, 0.5, 0, 3]
        let expected: [Float] = [0.952574, 0.047426, 0.106507, 0.786986, 0.106507, 0.5, 0.5, 0.047426, 0.952574]
        #expect(relativeError(try run(softmax, logits, tree: tree), expected) < 1e-5)

        #expect(throws: NeuralError.self) { try run(softmax, logits) }
        #expect(
            throws: NeuralError.unsupported(layer: "layer", reason: "its tree has 9 nodes, but it gets 8 values")
        ) { try run(softmax, Array(logits.dropLast()), tree: tree) }
    }
}
