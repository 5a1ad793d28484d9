extension WeightsFile {
    /// Reads what a training can start from (spec 2.3): all of the weights of `config`, a backbone's, whose file ends
    /// where a layer ends, or those of a network that differs from `config` in its last convolution alone, as one with
    /// other classes or anchors does. `layers` lacks the layers that are not taken, and `extent` says so.
    ///
    /// Throws `.mismatch` for any other size, `.malformed` for numbers that no network can have.
    public init(startingFrom path: String, for config: NetworkConfig) throws(DarknetError) {
        let plans = try config.convolutionPlans()
        guard let head = plans.last else {
            throw DarknetError(.mismatch, file: config.file, message: "has no convolution: nothing to train")
        }
        if try InputFile(path).holdsOtherHead(of: plans) {
            var body = config
            body.layers.removeLast(config.layers.count - head.layer)
            try self.init(contentsOf: path, for: body, ignoreTrailingBytes: true)
            extent = .partial
            return
        }
        do {
            try self.init(contentsOf: path, for: config, allowPartial: true)
        } catch  where error.kind == .mismatch {
            var error = error
            error.message += "; to start from another network's first layers, cut them out: lookout model partial"
            throw error
        }
    }
}

extension InputFile {
    /// Whether it has the size of a network like this one but for the filters of its last convolution.
    fileprivate consuming func holdsOtherHead(of plans: [ConvolutionPlan]) throws(DarknetError) -> Bool {
        guard let head = plans.last, head.storedFilters > 0 else { return false }
        let body = plans.dropLast().reduce(0) { $0 + 4 * $1.storedCount }
        let rest = try byteCount - WeightsHeader(from: self).byteCount - body
        let filterBytes = 4 * (head.storedCount / head.storedFilters)
        guard rest > 0, rest.isMultiple(of: filterBytes) else { return false }
        return rest / filterBytes != head.storedFilters && rest / filterBytes <= Convolution.filterLimit
    }
}
