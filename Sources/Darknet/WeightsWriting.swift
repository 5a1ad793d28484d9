extension WeightsFile {
    /// Writes the weights of `config` in its layers' order, with `header`. The file at `path` changes only once all is
    /// written.
    ///
    /// With `cutoff`, only layers below that index are written and `seen` is 0: a backbone to start training from
    /// (spec 2.3). Throws `.mismatch` if a layer's numbers are missing or are not as many as `config` says.
    public func write(to path: String, for config: NetworkConfig, cutoff: Int? = nil) throws(DarknetError) {
        var header = header
        if cutoff != nil { header.seen = 0 }
        var file = try AtomicFile(path)
        try file.write(try words(of: header, path: path))
        for plan in try config.convolutionPlans() where plan.isSaved && plan.layer < cutoff ?? .max {
            guard let weights = layers[plan.layer], weights.fits(plan) else {
                throw config.error(
                    .mismatch, layer: plan.layer,
                    "the weights to write to \(path) lack this layer, or have other numbers of it; expected "
                        + "\(plan.filters) filters of \(plan.weightsPerFilter)")
            }
            try file.write(weights.biases)
            if let batchNorm = weights.batchNorm {
                try file.write(batchNorm.scales)
                try file.write(batchNorm.means)
                try file.write(batchNorm.variances)
            }
            try file.write(
                plan.flipped
                    ? transposed(weights.weights, rows: plan.filters, columns: plan.weightsPerFilter)
                    : weights.weights)
        }
        try file.commit()
    }

    /// Checks layer by layer that the numbers are those of `config`'s convolutions, none missing unless `extent` is
    /// partial; throws `.mismatch` naming the first layer that is otherwise.
    ///
    /// - Parameter origin: where the numbers are from, for the error.
    public func check(for config: NetworkConfig, origin: String) throws(DarknetError) {
        let plans = try config.convolutionPlans()
        for plan in plans {
            guard let weights = layers[plan.layer] else {
                if extent == .partial { continue }
                throw config.error(.mismatch, layer: plan.layer, "\(origin) has no numbers for this layer")
            }
            guard !weights.fits(plan) else { continue }
            throw config.error(
                .mismatch, layer: plan.layer,
                "\(origin) has \(weights.biases.count) filters and \(weights.weights.count) weights with"
                    + "\(weights.batchNorm == nil ? "out" : "") batch normalisation, the cfg \(plan.filters) and "
                    + "\(plan.weightCount) with\(plan.batchNormalize ? "" : "out")")
        }
        if let odd = layers.keys.sorted().first(where: { key in !plans.contains { $0.layer == key } }) {
            throw DarknetError(
                .mismatch, file: config.file,
                message: "layer \(odd) is no convolution, but \(origin) has numbers for it")
        }
    }

    private func words(of header: WeightsHeader, path: String) throws(DarknetError) -> [UInt32] {
        let version = [header.major, header.minor, header.revision].map(UInt32.init(bitPattern:))
        let low = UInt32(truncatingIfNeeded: header.seen)
        let high = UInt32(truncatingIfNeeded: header.seen >> 32)
        if header.byteCount == 20 { return version + [low, high] }
        guard high == 0 else {
            throw DarknetError(
                .mismatch, file: path,
                message: "seen = \(header.seen) does not fit a version \(header.major).\(header.minor) header; "
                    + "write version 0.2")
        }
        return version + [low]
    }
}

extension ConvolutionWeights {
    fileprivate func fits(_ plan: ConvolutionPlan) -> Bool {
        guard biases.count == plan.filters, weights.count == plan.weightCount,
            (batchNorm != nil) == plan.batchNormalize
        else { return false }
        guard let batchNorm else { return true }
        return batchNorm.scales.count == plan.filters && batchNorm.means.count == plan.filters
            && batchNorm.variances.count == plan.filters
    }
}
