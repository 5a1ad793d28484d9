#if _endian(big)
    #error("Darknet's files are little endian and are read straight into memory")
#endif

/// The beginning of a `.weights` file (spec 2.1).
public struct WeightsHeader: Hashable, Sendable {
    public var major: Int32
    public var minor: Int32
    public var revision: Int32
    /// Images that training has seen.
    public var seen: UInt64

    /// By default the version that Darknet has written since 2017, 0.2.0.
    public init(major: Int32 = 0, minor: Int32 = 2, revision: Int32 = 0, seen: UInt64 = 0) {
        self.major = major
        self.minor = minor
        self.revision = revision
        self.seen = seen
    }

    /// 20 where `seen` takes 8 bytes, else 16.
    public var byteCount: Int {
        Int(major) * 10 + Int(minor) >= 2 && major < 1000 && minor < 1000 ? 20 : 16
    }

    /// Concerns connected layers only, which this family does not have.
    public var transpose: Bool { major > 1000 || minor > 1000 }
}

/// The numbers of one convolution.
public struct ConvolutionWeights: Hashable, Sendable {
    /// Per filter: y = scale (x - mean) / D + bias (spec 2.4).
    public struct BatchNorm: Hashable, Sendable {
        public var scales: [Float]
        public var means: [Float]
        public var variances: [Float]

        public init(scales: [Float], means: [Float], variances: [Float]) {
            self.scales = scales
            self.means = means
            self.variances = variances
        }
    }

    /// One a filter; with batch normalisation its β.
    public var biases: [Float]
    public var batchNorm: BatchNorm?
    /// Filters x input channels / groups x rows x columns.
    public var weights: [Float]
    /// Fewer than all where the cfg says `numload`; the other filters' weights are 0, for training to set.
    public var loadedFilters: Int

    public init(biases: [Float], batchNorm: BatchNorm? = nil, weights: [Float]) {
        self.biases = biases
        self.batchNorm = batchNorm
        self.weights = weights
        loadedFilters = biases.count
    }
}

/// A `.weights` file: the numbers of a network's convolutions (spec 2).
public struct WeightsFile: Sendable {
    /// Whether the file held all that the network takes.
    public enum Extent: Sendable { case whole, partial }

    public var header: WeightsHeader
    /// By the index of the layer in the network.
    public var layers: [Int: ConvolutionWeights]
    public var extent: Extent

    public init(header: WeightsHeader = WeightsHeader(), layers: [Int: ConvolutionWeights], extent: Extent = .whole) {
        self.header = header
        self.layers = layers
        self.extent = extent
    }
}
