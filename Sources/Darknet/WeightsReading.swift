extension WeightsHeader {
    /// Reads the 16 or 20 bytes, as the version says.
    init(from file: borrowing InputFile) throws(DarknetError) {
        guard file.byteCount >= 16 else {
            throw DarknetError(
                .malformed, file: file.path,
                message: "holds \(file.byteCount) bytes, less than a header; expected a Darknet .weights file")
        }
        let words = try file.read(4, of: UInt32.self)
        self.init(
            major: Int32(bitPattern: words[0]), minor: Int32(bitPattern: words[1]),
            revision: Int32(bitPattern: words[2]), seen: UInt64(words[3]))
        guard byteCount == 20 else { return }
        guard file.byteCount >= 20 else {
            throw DarknetError(
                .malformed, file: file.path,
                message: "holds \(file.byteCount) bytes, less than the 20 of a version \(major).\(minor) header")
        }
        seen |= UInt64(try file.read(1, of: UInt32.self)[0]) << 32
    }
}

extension WeightsFile {
    /// Checks the file's header and size against `config` without reading its numbers; throws as reading them would.
    public static func checkSize(of path: String, for config: NetworkConfig) throws(DarknetError) {
        let plans = try config.convolutionPlans()
        let file = try InputFile(path)
        let expected = try WeightsHeader(from: file).byteCount + plans.byteCount
        guard file.byteCount == expected else { throw mismatch(file, expected: expected, plans, config) }
    }

    /// Reads the weights of `config`. The file's size is checked to the byte before anything is allocated.
    ///
    /// - `allowPartial`: a shorter file is taken too, if it ends where a layer ends, as an exported backbone does; the
    ///   later layers are then missing in `layers` (spec 2.3).
    /// - `ignoreTrailingBytes`: a longer file is taken too.
    ///
    /// Throws `.mismatch` for any other size, `.malformed` for numbers that no network can have.
    public init(
        contentsOf path: String, for config: NetworkConfig, allowPartial: Bool = false,
        ignoreTrailingBytes: Bool = false
    ) throws(DarknetError) {
        let plans = try config.convolutionPlans()
        let file = try InputFile(path)
        let header = try WeightsHeader(from: file)
        let expected = header.byteCount + plans.byteCount
        var present = plans[...]
        if file.byteCount < expected, allowPartial {
            present = try Self.partial(plans, of: file, headerByteCount: header.byteCount, for: config)
        } else if file.byteCount < expected || file.byteCount > expected && !ignoreTrailingBytes {
            throw Self.mismatch(file, expected: expected, plans, config)
        }
        // With numload a small file stands for large layers.
        let inMemory = present.reduce(0) { $0 + 4 * $1.weightCount }
        guard inMemory <= file.byteCount + Self.mostBytesNotInFile else {
            throw DarknetError(
                .mismatch, file: path,
                message: "fills only \(file.byteCount) of the \(inMemory) bytes of weights that \(config.name) has; "
                    + "check numload in the cfg")
        }
        self.init(header: header, layers: [:], extent: present.count < plans.count ? .partial : .whole)
        layers.reserveCapacity(present.count)
        for plan in present where plan.storedFilters > 0 {
            layers[plan.layer] = try ConvolutionWeights(from: file, plan, config: config)
        }
    }

    /// Of weights that numload leaves for training to fill.
    private static let mostBytesNotInFile = 1 << 30

    private static func mismatch(
        _ file: borrowing InputFile, expected: Int, _ plans: [ConvolutionPlan], _ config: NetworkConfig
    ) -> DarknetError {
        DarknetError(
            .mismatch, file: file.path,
            message: "holds \(file.byteCount) bytes, but the network \(config.name) takes \(expected) "
                + "(a header of \(expected - plans.byteCount) and \(plans.byteCount / 4) numbers); "
                + "use the cfg which belongs to these weights, or the weights again in full")
    }

    /// The layers that a shorter file holds in full.
    private static func partial(
        _ plans: [ConvolutionPlan], of file: borrowing InputFile, headerByteCount: Int, for config: NetworkConfig
    ) throws(DarknetError) -> ArraySlice<ConvolutionPlan> {
        var end = headerByteCount
        for (index, plan) in plans.enumerated() {
            if index > 0, end == file.byteCount { return plans[..<index] }
            guard end + 4 * plan.storedCount <= file.byteCount else {
                throw DarknetError(
                    .mismatch, file: file.path,
                    message: "holds \(file.byteCount) bytes and so ends inside layer \(plan.layer) of \(config.name), "
                        + "which takes bytes \(end) to \(end + 4 * plan.storedCount); expected the end of a layer")
            }
            end += 4 * plan.storedCount
        }
        return plans[...]
    }
}

extension [ConvolutionPlan] {
    /// Of their numbers in the file.
    fileprivate var byteCount: Int { reduce(0) { $0 + 4 * $1.storedCount } }
}

extension ConvolutionWeights {
    fileprivate init(
        from file: borrowing InputFile, _ plan: ConvolutionPlan, config: NetworkConfig
    ) throws(DarknetError) {
        let stored = plan.storedFilters
        biases = padded(try file.read(stored, of: Float.self), to: plan.filters, with: 0)
        if plan.batchNormalize {
            let holds = plan.storesScales
            batchNorm = BatchNorm(
                scales: padded(holds ? try file.read(stored, of: Float.self) : [], to: plan.filters, with: 1),
                means: padded(holds ? try file.read(stored, of: Float.self) : [], to: plan.filters, with: 0),
                variances: padded(holds ? try file.read(stored, of: Float.self) : [], to: plan.filters, with: 0))
        }
        weights = try file.read(stored * plan.weightsPerFilter, of: Float.self)
        if plan.flipped { weights = transposed(weights, rows: plan.weightsPerFilter, columns: stored) }
        weights = padded(weights, to: plan.weightCount, with: 0)
        loadedFilters = stored

        let hasNegativeVariance = batchNorm?.variances.contains { $0 < 0 } ?? false
        guard allFinite, !hasNegativeVariance else {
            throw DarknetError(
                .malformed, file: file.path, section: config.title(layer: plan.layer),
                message: (hasNegativeVariance ? "a variance is negative" : "holds NaN or infinity")
                    + "; the file is damaged, or the training that wrote it diverged; use an earlier one")
        }
    }

    private var allFinite: Bool {
        guard biases.allFinite, weights.allFinite else { return false }
        guard let batchNorm else { return true }
        return batchNorm.scales.allFinite && batchNorm.means.allFinite && batchNorm.variances.allFinite
    }
}

/// `numbers` followed by as many `filler` as `count` lacks.
private func padded(_ numbers: [Float], to count: Int, with filler: Float) -> [Float] {
    numbers.count == count ? numbers : numbers + Array(repeating: filler, count: count - numbers.count)
}

/// A row-major matrix with its rows and columns exchanged.
func transposed(_ matrix: [Float], rows: Int, columns: Int) -> [Float] {
    var result = [Float](repeating: 0, count: matrix.count)
    for row in 0..<rows {
        for column in 0..<columns { result[column * rows + row] = matrix[row * columns + column] }
    }
    return result
}

extension [Float] {
    /// Whether no number is NaN or infinite: has all bits of the exponent set. On bits, for this loop is vectorised.
    fileprivate var allFinite: Bool {
        withUnsafeBufferPointer { numbers in
            var found: UInt32 = 0
            for number in numbers {
                found |= number.bitPattern & 0x7F80_0000 == 0x7F80_0000 ? 1 : 0
            }
            return found == 0
        }
    }
}
