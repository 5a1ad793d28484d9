import CDNNL
import Darknet
import TestSupport
import Testing

@testable import Neural

@Suite struct WeightStoreTests {
    /// 20 filters of 12 channels x 3 x 3: no block of 8 or 16 divides them.
    private let extents = [20, 12, 3, 3]

    private func store() throws -> (WeightStore, [Float]) {
        var numbers = UniformNumbers()
        let values = numbers.array(20 * 12 * 9) { $0 }
        let folded = try FoldedConvolution(
            ConvolutionWeights(biases: Array(repeating: 0.5, count: 20), weights: values),
            Convolution(filters: 20, size: 3), channels: 12, layer: "layer")
        return (WeightStore([3: folded]), values)
    }

    private func blocked(_ layout: lk_layout) throws -> Descriptor { try Descriptor(extents, layout) }

    private func values(_ weights: PackedWeights) throws -> [Float] {
        try (0..<20 * 12 * 9).map { index in
            let (w, h, c, n) = (index % 3, index / 3 % 3, index / 9 % 12, index / 108)
            let offset = try #require(weights.layout.offset(n: n, c: c, h: h, w: w))
            return weights.start.load(fromByteOffset: offset * 4, as: Float.self)
        }
    }

    @Test func firstLayoutReplacesThePlainCopy() throws {
        let (store, plain) = try store()
        let stream = try Stream()
        #expect(store.byteCount == plain.count * 4)
        let layout = try blocked(lk_layout_blocked16)
        let first = try store.convolution(layer: 3, layout: layout, stream: stream, purpose: "layer")
        #expect(try values(first.weights) == plain)
        #expect(Array(first.biases.floats) == Array(repeating: 0.5, count: 20))
        #expect(store.byteCount == layout.byteCount)
        let again = try store.convolution(layer: 3, layout: layout, stream: stream, purpose: "layer")
        #expect(again.weights === first.weights)
    }

    @Test func otherLayoutsAreSharedAndFreed() throws {
        let (store, plain) = try store()
        let stream = try Stream()
        let (first, second) = (try blocked(lk_layout_blocked16), try blocked(lk_layout_channels_last))
        _ = try store.convolution(layer: 3, layout: first, stream: stream, purpose: "layer")
        do {
            let other = try store.convolution(layer: 3, layout: second, stream: stream, purpose: "layer")
            let same = try store.convolution(layer: 3, layout: second, stream: stream, purpose: "layer")
            #expect(other.weights === same.weights)
            #expect(try values(other.weights) == plain)
            #expect(store.byteCount == first.byteCount + second.byteCount)
        }
        #expect(store.byteCount == first.byteCount)
    }

    /// Nothing can be copied out of Winograd's layout, so it never replaces the plain copy, nor can it be made from any
    /// layout but the plain one.
    @Test(.enabled(if: ConvolutionKernel.hasWinograd, "no Winograd kernels on this CPU"))
    func opaqueLayout() throws {
        let (store, plain) = try store()
        let stream = try Stream()
        let shape = lk_image_shape(batch: 1, channels: 12, height: 32, width: 32)
        var output = shape
        output.channels = 20
        let request = lk_convolution(
            source: shape, destination: output, size: 3, stride: 1, padding: 1, groups: 1, algorithm: lk_winograd_4x4,
            activation: lk_linear)
        let winograd = try #require(try Primitive.convolution(request, purpose: "layer")).descriptor(lk_weights)
        #expect(winograd.isOpaque)
        let blocked = try blocked(lk_layout_blocked16)
        #expect(!blocked.isOpaque)
        var expected: [UInt8] = []
        func bytes(_ weights: PackedWeights) -> [UInt8] {
            Array(UnsafeRawBufferPointer(start: weights.start, count: weights.layout.byteCount))
        }
        do {
            let first = try store.convolution(layer: 3, layout: winograd, stream: stream, purpose: "layer")
            let again = try store.convolution(layer: 3, layout: winograd, stream: stream, purpose: "layer")
            #expect(first.weights === again.weights)
            #expect(store.byteCount == plain.count * 4 + winograd.byteCount)
            expected = bytes(first.weights)
            let direct = try store.convolution(layer: 3, layout: blocked, stream: stream, purpose: "layer")
            #expect(try values(direct.weights) == plain)
            #expect(store.byteCount == blocked.byteCount + winograd.byteCount)
        }
        #expect(store.byteCount == blocked.byteCount)
        let last = try store.convolution(layer: 3, layout: winograd, stream: stream, purpose: "layer")
        #expect(bytes(last.weights) == expected)
    }

    @Test func unknownLayer() throws {
        let (store, _) = try store()
        let layout = try blocked(lk_layout_row_major)
        #expect(throws: NeuralError.weights(layer: "layer", expected: "a convolution", actual: "none")) {
            try store.convolution(layer: 4, layout: layout, stream: Stream(), purpose: "layer")
        }
    }

    /// However many sessions of direct kernels, of whatever sizes, live on a model: its weights are held about once.
    @Test func oneCopyForAllSessions() throws {
        let config = NetworkConfig.network([.conv(64), .conv(128), .conv(64, 1)], width: 32, height: 32)
        let weights = try WeightsFile.reproducible(config)
        let plain = weights.layers.values.reduce(0) { $0 + $1.weights.count * 4 }
        let model = try Model(config: config, weights: weights)
        #expect(model.weightByteCount == plain)
        let sessions = try [32, 64, 96, 128].map {
            try Session(model: model, width: $0, height: $0, threads: 2, kernels: .startup)
        }
        #expect(model.weightByteCount < plain + plain / 4 && !sessions.isEmpty)
    }
}
