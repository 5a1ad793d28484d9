import Darknet
import Pipeline

/// What a layer of a session takes, in the middle of several runs.
public struct LayerTime: Sendable {
    /// Something that is done for the layer: the layer itself, an activation behind it, a copy to another layout.
    public struct Operation: Sendable {
        /// "convolution", "pooling", "eltwise", "concat", "reorder", "reorg" or "softmax".
        public let name: String
        /// oneDNN's name of the kernel, or one that begins with "lookout".
        public let kernel: String
        public let milliseconds: Double
    }

    /// Counted as in the cfg.
    public let layer: Int
    /// In order; none for layers that only say where something lies, or how it is read.
    public let operations: [Operation]
    /// Of all images of the batch, counted as in `NetworkConfig.flops`, whatever the kernel makes of it.
    public let flops: Int

    public var milliseconds: Double { operations.reduce(0) { $0 + $1.milliseconds } }
    /// 0 where no floating-point operations are counted.
    public var gflopsPerSecond: Double { flops > 0 && milliseconds > 0 ? Double(flops) / milliseconds / 1e6 : 0 }
}

extension Session {
    /// - Throws: `NeuralError.parameter` for less than one run.
    public func profile(_ images: [UnsafeRawPointer], runs: Int) throws -> [LayerTime] {
        guard runs >= 1 else { throw NeuralError.parameter("runs", value: runs, allowed: 1...Int.max) }
        try take(images)
        takeThreads()
        var times = steps.map { _ in [Double]() }
        for _ in 0..<runs {
            var last = MonotonicTime.now
            for (index, step) in steps.enumerated() {
                try perform(step)
                let now = MonotonicTime.now
                times[index].append((now - last) * 1e3)
                last = now
            }
        }
        let flops = try model.config.flops(width: inputShape.width, height: inputShape.height)
        var operations = flops.map { _ in [LayerTime.Operation]() }
        for (operation, times) in zip(plan.operations, times) {
            let (name, kernel) = operation.work.names
            operations[operation.layer].append(
                LayerTime.Operation(name: name, kernel: kernel, milliseconds: times.sorted()[times.count / 2]))
        }
        return flops.indices.map { layer in
            LayerTime(layer: layer, operations: operations[layer], flops: flops[layer] * batch)
        }
    }
}

extension Plan.Work {
    fileprivate var names: (operation: String, kernel: String) {
        switch self {
        case .primitive(let primitive), .convolution(let primitive, _, _): (primitive.kind, primitive.kernel)
        case .reorg: ("reorg", "lookout")
        case .softmax: ("softmax", "lookout")
        }
    }
}
