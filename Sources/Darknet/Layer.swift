/// One layer of a network: what it computes, and the keys that every layer takes (spec 1.4).
public struct Layer: Hashable, Sendable {
    /// The layers that the YOLOv2 family is made of.
    public enum Kind: Hashable, Sendable {
        case convolutional(Convolution)
        case maxpool(MaxPool)
        /// The mean over all positions, 1 x 1 x C.
        case avgpool
        case route(Route)
        case reorg(Reorg)
        case region(Region)
        case softmax(Softmax)
        case cost(Cost)
        case dropout(Dropout)
    }

    public var kind: Kind
    public var common: LayerOptions
    /// The section's line in the cfg, counted from 1; 0 where there is no cfg.
    public var line: Int

    public init(_ kind: Kind, common: LayerOptions = LayerOptions(), line: Int = 0) {
        self.kind = kind
        self.common = common
        self.line = line
    }

    /// The section's name, without brackets and aliases.
    public var name: String {
        switch kind {
        case .convolutional: "convolutional"
        case .maxpool: "maxpool"
        case .avgpool: "avgpool"
        case .route: "route"
        case .reorg(let reorg): reorg.order == .offsetMajor ? "reorg3d" : "reorg"
        case .region: "region"
        case .softmax: "softmax"
        case .cost: "cost"
        case .dropout: "dropout"
        }
    }
}

/// The keys that every layer takes.
public struct LayerOptions: Hashable, Sendable {
    /// Multiplies the net's learning rate.
    public var learningRate: Float = 1
    public var smooth: Float = 0
    public var truth = false
    public var onlyForward = false
    /// Training changes neither this layer nor any before it.
    public var stopBackward = false
    /// The layer's weights are left out of the file that is written, or read.
    public var dontSave = false
    public var dontLoad = false
    /// The file holds no scales, means and variances for this layer.
    public var dontLoadScales = false
    /// The file holds only this many filters; 0: all.
    public var numLoad = 0

    public init() {}

    static let fields: [Field<LayerOptions>] = [
        .float("learning_rate", \.learningRate), .float("smooth", \.smooth), .flag("truth", \.truth),
        .flag("onlyforward", \.onlyForward), .flag("stopbackward", \.stopBackward), .flag("dontsave", \.dontSave),
        .flag("dontload", \.dontLoad), .flag("dontloadscales", \.dontLoadScales),
        .int("numload", \.numLoad, 0...Convolution.filterLimit),
    ]
}

/// What is applied to a layer's output. Darknet's names.
public enum Activation: String, Sendable, CaseIterable {
    case linear, leaky, relu, logistic, tanh, elu, selu, loggy, relie, ramp, plse, stair, hardtan, lhtan
}

/// Cross-correlation with `filters` kernels of `size` x `size` (x C / groups), then batch normalisation or a bias, then
/// the activation.
public struct Convolution: Hashable, Sendable {
    public var filters = 1
    public var size = 1
    public var stride = 1
    /// Zeros on each side. Already what `pad=1` makes it: half the size.
    public var padding = 0
    public var groups = 1
    public var batchNormalize = false
    public var activation = Activation.logistic
    /// The file stores the kernels transposed, as (C k k) x filters.
    public var flipped = false

    public init() {}

    public init(
        filters: Int, size: Int, stride: Int = 1, padding: Int? = nil, batchNormalize: Bool = true,
        activation: Activation = .leaky
    ) {
        self.filters = filters
        self.size = size
        self.stride = stride
        self.padding = padding ?? size / 2
        self.batchNormalize = batchNormalize
        self.activation = activation
    }

    static let filterLimit = 1_048_576
    static let fields: [Field<Convolution>] = [
        .int("filters", \.filters, 1...filterLimit), .int("size", \.size, 1...1024), .int("stride", \.stride, 1...1024),
        .int("padding", \.padding, 0...1024), .int("groups", \.groups, 1...filterLimit),
        .flag("batch_normalize", \.batchNormalize), .flag("flipped", \.flipped),
    ]
}

/// The largest value of each window; positions outside the image do not count.
public struct MaxPool: Hashable, Sendable {
    public var size: Int
    public var stride: Int
    /// Of both sides together: ⌊padding / 2⌋ before the first row and column, the rest after the last.
    public var padding: Int

    public init(size: Int, stride: Int, padding: Int? = nil) {
        self.size = size
        self.stride = stride
        self.padding = padding ?? size - 1
    }
}

/// The outputs of other layers, joined along the channels in the order of the list.
public struct Route: Hashable, Sendable {
    /// Indices of earlier layers, counted from 0.
    public var layers: [Int]

    public init(_ layers: [Int]) { self.layers = layers }
}

/// Which input value becomes which output value of a reorg (spec 4).
public enum ReorgOrder: String, Sendable, CaseIterable {
    /// What `[reorg]` means to Darknet and to all released weights.
    case darknet
    /// Channel, row, column offset: the common "pixel unshuffle". Lookout's own: `[reorg]` with `order=channelMajor`.
    case channelMajor
    /// Row, column offset, channel: `[reorg3d]`, the common "space to depth".
    case offsetMajor
}

/// Moves each `stride` x `stride` block into channels: C x H x W becomes C·s² x H/s x W/s.
public struct Reorg: Hashable, Sendable {
    public var stride: Int
    /// The other way round, in offset-major order.
    public var reverse: Bool
    public var order: ReorgOrder

    public init(stride: Int, reverse: Bool = false, order: ReorgOrder = .darknet) {
        self.stride = stride
        self.reverse = reverse
        self.order = order
    }
}

/// Probabilities over the channels, or over each group of a tree.
public struct Softmax: Hashable, Sendable {
    public var groups = 1
    public var temperature: Float = 1
    /// As written in the cfg.
    public var treeFile: String?
    /// At each position by itself.
    public var spatial = false
    /// Computes no loss in training.
    public var noLoss = false

    public init() {}

    static let fields: [Field<Softmax>] = [
        .int("groups", \.groups, 1...Convolution.filterLimit),
        .float("temperature", \.temperature, Float.leastNormalMagnitude...Float.greatestFiniteMagnitude),
        .string("tree", \.treeFile), .flag("spatial", \.spatial), .flag("noloss", \.noLoss),
    ]
}

/// A classifier's loss in training; nothing at inference.
public struct Cost: Hashable, Sendable {
    public enum LossType: String, Sendable, CaseIterable {
        case sse, seg, masked, smooth
        case l1 = "L1"
        case wgan
    }

    public var type = LossType.sse
    public var scale: Float = 1
    public var ratio: Float = 0
    public var noObject: Float = 1
    public var thresh: Float = 0

    public init() {}

    static let fields: [Field<Cost>] = [
        .float("scale", \.scale), .float("ratio", \.ratio), .float("noobj", \.noObject), .float("thresh", \.thresh),
    ]
}

/// In training, zeroes each value with this probability and scales up the rest; nothing at inference.
public struct Dropout: Hashable, Sendable {
    public var probability: Float

    public init(probability: Float = 0.5) { self.probability = probability }
}
