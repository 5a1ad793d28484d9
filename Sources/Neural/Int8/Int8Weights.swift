import CKernels
import Darknet

/// A network's numbers as the int8 kernels want them. They fit every size of the input, so all sessions share them.
final class Int8Weights: Sendable {
    let kernel: Int8Kernel
    /// By layer: how its bytes are meant.
    let quantizations: [Quantization]
    /// By the index of the layer.
    let convolutions: [Int: Int8Convolution]

    /// - Parameters:
    ///   - folded: emptied layer by layer, so that a network of 200 MB never exists twice.
    ///   - ranges: of each convolution's results.
    init(
        _ config: NetworkConfig, folded: consuming [Int: FoldedConvolution], ranges: [Int: ClosedRange<Float>],
        kernel: Int8Kernel
    ) throws {
        try config.checkInt8()
        self.kernel = kernel
        quantizations = config.quantizations(ranges)
        var rest = folded
        var convolutions: [Int: Int8Convolution] = [:]
        for (index, layer) in config.layers.enumerated() {
            guard case .convolutional(let convolution) = layer.kind,
                let numbers = rest.removeValue(forKey: index)
            else { continue }
            let output = index == config.lastConvolution ? nil : quantizations[index]
            guard output == nil || ranges[index] != nil else {
                throw NeuralError.unsupported(
                    layer: config.place(ofLayer: index), reason: "has no range in the calibration")
            }
            convolutions[index] = try Int8Convolution(
                numbers, convolution, input: index > 0 ? quantizations[index - 1] : .pixels, output: output,
                kernel: kernel, place: config.place(ofLayer: index))
        }
        self.convolutions = convolutions
    }

    /// Bytes of weights and of what belongs to them.
    var byteCount: Int {
        convolutions.values.reduce(0) { $0 + $1.weights.byteCount + $1.factors.byteCount + $1.offsets.byteCount }
    }
}

/// One convolution's weights: signed bytes with a scale for each filter, and what its sums are multiplied with and added to
/// (see `lk_int8_convolution`).
struct Int8Convolution: Sendable {
    let weights: Memory
    /// Floats, a filter each.
    let factors: Memory
    let offsets: Memory
    let slope: Float
    let zeroPoint: Int32
    /// Channels that the weights are for.
    let channels: Int

    /// - Parameter output: `nil`: the results are floats.
    init(
        _ numbers: FoldedConvolution, _ convolution: Convolution, input: Quantization, output: Quantization?,
        kernel: Int8Kernel, place: String
    ) throws {
        let (filters, size) = (convolution.filters, convolution.size)
        let perFilter = numbers.weights.count / filters
        channels = perFilter / (size * size)
        slope = convolution.activation.slope ?? 1
        zeroPoint = output?.zeroPoint ?? 0
        let block = Int(lk_int8_block(kernel.handle))
        let padded = (filters + block - 1) / block * block
        var (factors, offsets) = ([Float](repeating: 0, count: padded), [Float](repeating: 0, count: padded))
        var bytes = [Int8](repeating: 0, count: numbers.weights.count)
        let biases = numbers.biases.floats
        let outputScale = output?.scale ?? 1
        for filter in 0..<filters {
            let row = filter * perFilter..<(filter + 1) * perFilter
            let largest = numbers.weights[row].reduce(0) { max($0, abs($1)) }
            guard largest.isFinite, biases[filter].isFinite, numbers.weights[row].allSatisfy(\.isFinite) else {
                throw NeuralError.weights(layer: place, expected: "finite numbers", actual: "others")
            }
            let scale = max(largest / 127, Float.leastNormalMagnitude)
            var sum = 0
            for index in row {
                let value = Int8(max(-127, min(127, (numbers.weights[index] / scale).rounded())))
                bytes[index] = value
                sum += Int(value)
            }
            factors[filter] = input.scale * scale / outputScale
            // The sums count from the input's zero point, in the border as well.
            offsets[filter] =
                biases[filter] / outputScale - factors[filter] * Float(sum) * Float(input.zeroPoint)
        }
        let handle = kernel.handle
        weights = try Memory(
            byteCount: lk_int8_packed_count(handle, Int32(filters), Int32(channels), Int32(size)), purpose: place)
        lk_int8_pack(
            handle, bytes, Int32(filters), Int32(channels), Int32(size),
            weights.start.assumingMemoryBound(to: Int8.self))
        self.factors = try Memory(copying: factors, purpose: place)
        self.offsets = try Memory(copying: offsets, purpose: place)
    }
}

extension NetworkConfig {
    /// The convolution whose results are the network's answers, in floats.
    var lastConvolution: Int? {
        layers.lastIndex {
            if case .convolutional = $0.kind { true } else { false }
        }
    }

    /// - Throws: `NeuralError.unsupported`, naming the first layer that the int8 kernels cannot compute; `DarknetError`
    ///   for a cfg that does not fit itself.
    public func checkInt8() throws {
        guard let last = lastConvolution else {
            throw NeuralError.unsupported(layer: file, reason: "has no convolution to compute in int8")
        }
        let shapes = try shapes(width: net.width, height: net.height)
        // Layers that give the image's own values, moved at most.
        var ofImage: [Bool] = []
        for (index, layer) in layers.enumerated() {
            var reason: String?
            var isOfImage = index == 0 || ofImage[index - 1]
            switch layer.kind {
            case .convolutional(let convolution):
                reason = convolution.int8Obstacle(channels: shapes[index].input.channels)
                isOfImage = false
            case .avgpool, .softmax: reason = index < last ? "stands before a convolution" : nil
            case .route(let route):
                isOfImage = ofImage[route.layers[0]]
                if index > last {
                    reason = "stands behind the last convolution"
                } else if route.layers.contains(where: { ofImage[$0] != isOfImage }) {
                    reason = "joins the image with what was computed"
                } else if route.layers.count > 1,
                    let odd = route.layers.map({ shapes[$0].output.channels }).first(where: { !$0.isMultiple(of: 4) })
                {
                    reason = "joins \(odd) channels, no multiple of 4"
                }
            case .maxpool, .reorg: reason = index > last ? "stands behind the last convolution" : nil
            case .region, .cost, .dropout: break
            }
            ofImage.append(isOfImage)
            if let reason {
                throw NeuralError.unsupported(
                    layer: place(ofLayer: index), reason: "\(reason): not computed in int8; use --precision fp32")
            }
        }
    }
}

extension Convolution {
    fileprivate func int8Obstacle(channels: Int) -> String? {
        if activation.slope == nil { return "activation=\(activation.rawValue)" }
        if groups != 1 { return "groups=\(groups)" }
        if stride != 1 { return "stride=\(stride)" }
        if ![1, 3].contains(size) { return "size=\(size)" }
        if padding != size / 2 { return "padding=\(padding)" }
        // Sums of more could pass 32 bits.
        if channels * size * size > Int(Int32.max) / (255 * 127) { return "adds up \(channels * size * size) products" }
        return nil
    }
}
