/// The numbers that a layer, or a network, consists of.
public struct ParameterCount: Hashable, Sendable {
    /// Floats in a `.weights` file.
    public var stored: Int
    /// Without the rolling means and variances.
    public var trainable: Int

    public init(stored: Int, trainable: Int) {
        self.stored = stored
        self.trainable = trainable
    }
}

extension Convolution {
    /// Weights of all filters, n x c / groups x k x k; nil if they overflow.
    func weightCount(channels: Int) -> Int? {
        let kernel = (channels / groups).multipliedReportingOverflow(by: size * size)
        let weights = kernel.partialValue.multipliedReportingOverflow(by: filters)
        return kernel.overflow || weights.overflow ? nil : weights.partialValue
    }
}

extension NetworkConfig {
    /// Of each layer; 0 but for convolutions (spec 3).
    public func parameterCounts() throws(DarknetError) -> [ParameterCount] {
        var counts = Array(repeating: ParameterCount(stored: 0, trainable: 0), count: layers.count)
        for plan in try convolutionPlans() {
            let biases = plan.filters
            let trainable = plan.weightCount + (plan.batchNormalize ? 2 * biases : biases)
            counts[plan.layer] = ParameterCount(
                stored: trainable + (plan.batchNormalize ? 2 * biases : 0), trainable: trainable)
        }
        return counts
    }

    /// Of the whole network.
    public func parameterCount() throws(DarknetError) -> ParameterCount {
        try parameterCounts().reduce(into: ParameterCount(stored: 0, trainable: 0)) { sum, count in
            sum.stored += count.stored
            sum.trainable += count.trainable
        }
    }

    /// Floating-point operations of each layer for one image: two for each multiply-add of a convolution, nothing else
    /// (spec 3). Their sum does not overflow.
    public func flops(width: Int, height: Int) throws(DarknetError) -> [Int] {
        var flops: [Int] = []
        var total = 0
        for (index, shape) in try shapes(width: width, height: height).enumerated() {
            guard case .convolutional(let convolution) = layers[index].kind,
                let weights = convolution.weightCount(channels: shape.input.channels)
            else {
                flops.append(0)
                continue
            }
            let operations = (2 * weights).multipliedReportingOverflow(by: shape.output.width * shape.output.height)
            let sum = total.addingReportingOverflow(operations.partialValue)
            guard !operations.overflow, !sum.overflow else {
                throw error(.mismatch, layer: index, "takes more operations than can be counted; use a smaller input")
            }
            total = sum.partialValue
            flops.append(operations.partialValue)
        }
        return flops
    }

    /// Bytes of the `.weights` file that this network reads, with a header of 16 or 20 bytes (spec 2.1).
    public func weightsByteCount(header: Int = 20) throws(DarknetError) -> Int {
        try convolutionPlans().reduce(header) { $0 + 4 * $1.storedCount }
    }
}
