/// The `[net]` section: input size, optimiser, schedule, augmentation (spec 1.3).
public struct NetOptions: Hashable, Sendable {
    /// How the learning rate falls (spec 7.4).
    public enum Policy: String, Sendable, CaseIterable { case constant, step, steps, exp, poly, random, sigmoid }

    /// Images between two updates of the weights.
    public var batch = 1
    /// Parts in which a batch is run.
    public var subdivisions = 1
    /// Pixels.
    public var width: Int
    public var height: Int
    public var channels: Int

    public var learningRate: Float = 0.001
    public var momentum: Float = 0.9
    public var decay: Float = 0.0001
    public var policy = Policy.constant
    /// Iterations.
    public var burnIn = 0
    /// Of the burn-in and of policies poly and random.
    public var power: Float = 4
    /// Iterations; 0: detector training does nothing, classifier training does not end.
    public var maxBatches = 0
    /// Policy steps: iterations, as many as `scales`; they may be negative.
    public var steps: [Int] = []
    public var scales: [Float] = []
    /// Policies step and sigmoid: iterations.
    public var step = 1
    public var scale: Float = 1
    public var gamma: Float = 1

    public var adam = false
    public var beta1: Float = 0.9
    public var beta2: Float = 0.999
    public var epsilon: Float = 1e-7

    /// Degrees.
    public var angle: Float = 0
    public var aspect: Float = 1
    public var saturation: Float = 1
    public var exposure: Float = 1
    /// Part of the full circle.
    public var hue: Float = 0
    /// Pixels; classifier training.
    public var minCrop: Int
    public var maxCrop: Int
    /// `minCrop` and `maxCrop` over the width unless given.
    public var minRatio: Float
    public var maxRatio: Float
    public var center = false
    /// Weights stay within ± this; 0: no limit.
    public var clip: Float = 0
    /// Classifier training at random sizes.
    public var random = false
    public var noTruth = false

    /// Darknet's defaults at this input size.
    public init(width: Int, height: Int, channels: Int = 3) {
        self.width = width
        self.height = height
        self.channels = channels
        minCrop = width
        maxCrop = 2 * width
        minRatio = 1
        maxRatio = 2
    }

    /// Images that are run at once in training, at least 1.
    public var miniBatch: Int { max(1, batch / max(1, subdivisions)) }

    static let sideRange = 1...16_384
    static let fields: [Field<NetOptions>] = [
        .int("batch", \.batch, 1...1_048_576), .int("subdivisions", \.subdivisions, 1...1_048_576),
        .float("learning_rate", \.learningRate), .float("momentum", \.momentum), .float("decay", \.decay),
        .int("burn_in", \.burnIn, 0...Int(Int32.max)), .float("power", \.power),
        .int("max_batches", \.maxBatches, 0...Int(Int32.max)),
        .int("step", \.step, 1...Int(Int32.max)), .float("scale", \.scale), .float("gamma", \.gamma),
        .flag("adam", \.adam), .float("B1", \.beta1), .float("B2", \.beta2), .float("eps", \.epsilon),
        .float("angle", \.angle), .float("aspect", \.aspect), .float("saturation", \.saturation),
        .float("exposure", \.exposure), .float("hue", \.hue),
        .flag("center", \.center), .float("clip", \.clip), .flag("random", \.random), .flag("notruth", \.noTruth),
    ]
}

extension NetOptions {
    init(_ section: inout OptionSection) throws(DarknetError) {
        var size: [Int] = []
        for (key, range) in [("width", Self.sideRange), ("height", Self.sideRange), ("channels", 1...4096)] {
            let value = try section.int(key, default: 0, in: 0...range.upperBound)
            guard value > 0 else {
                throw section.error("\(key) is missing or 0; expected \(key)= with a number from 1")
            }
            size.append(value)
        }
        self.init(width: size[0], height: size[1], channels: size[2])
        try section.read(Self.fields, into: &self)
        minCrop = try section.int("min_crop", default: minCrop, in: 1...Self.sideRange.upperBound * 2)
        maxCrop = try section.int("max_crop", default: maxCrop, in: 1...Self.sideRange.upperBound * 2)
        minRatio = try section.float("min_ratio", default: Float(minCrop) / Float(width))
        maxRatio = try section.float("max_ratio", default: Float(maxCrop) / Float(width))
        policy = section.choice("policy", default: .constant, fallback: .constant)
        steps = try section.ints("steps", in: .anyInt32, atMost: 1000) ?? []
        scales = try section.floats("scales", atMost: 1000) ?? []
        if policy == .steps, steps.isEmpty || steps.count != scales.count {
            throw section.error(
                "policy=steps has \(steps.count) steps and \(scales.count) scales; expected as many scales as steps")
        }
        if let inputs = section.take("inputs"), Int(inputs.value) != width * height * channels {
            throw section.error(
                line: inputs.line,
                "inputs=\(quoted(inputs.value)) is not width x height x channels = \(width * height * channels)")
        }
        if let timeSteps = section.take("time_steps"), timeSteps.value != "1" {
            throw section.error(line: timeSteps.line, "time_steps other than 1 belongs to recurrent networks")
        }
        if batch < subdivisions {
            section.warn("batch=\(batch) is less than subdivisions=\(subdivisions); one image at a time is run")
        }
    }

    func write(to writer: inout OptionWriter) {
        let defaults = NetOptions(width: width, height: height, channels: channels)
        writer.section("net")
        writer.put("width", width)
        writer.put("height", height)
        writer.put("channels", channels)
        writer.put(Self.fields, of: self, unless: defaults)
        if minCrop != defaults.minCrop { writer.put("min_crop", minCrop) }
        if maxCrop != defaults.maxCrop { writer.put("max_crop", maxCrop) }
        if minRatio != Float(minCrop) / Float(width) { writer.put("min_ratio", minRatio) }
        if maxRatio != Float(maxCrop) / Float(width) { writer.put("max_ratio", maxRatio) }
        if policy != .constant { writer.put("policy", policy.rawValue) }
        if !steps.isEmpty { writer.put("steps", steps) }
        if !scales.isEmpty { writer.put("scales", scales) }
    }
}
