extension NetworkConfig {
    /// The same network for a data set of one's own: other classes, other anchors, other input, a schedule of its length.
    ///
    /// A detector's last convolution gets the filters that its region needs, anchors x (5 + classes). The schedule is the
    /// usual one: a tenth of it, at most 1000 iterations, to warm up, and a tenth of the rate from 80 and from 90 percent on.
    /// A cfg made for detection, whose batch is 1, gets one of 64 in 8 parts. A side of its own is the only one: the sizes of
    /// `random=1` are those of the usual networks.
    ///
    /// - Parameters:
    ///   - classes, anchors (cells, width and height of each in turn), side, iterations: `nil`: as they are.
    /// - Throws: `.malformed` for numbers that no network can have, or a network that has no region and no softmax.
    public func tailored(
        classes: Int? = nil, anchors: [Float]? = nil, side: (width: Int, height: Int)? = nil,
        iterations: Int? = nil
    ) throws(DarknetError) -> NetworkConfig {
        var config = self
        if let side { (config.net.width, config.net.height) = (side.width, side.height) }
        if config.net.batch == 1 { (config.net.batch, config.net.subdivisions) = (64, 8) }
        if let iterations {
            guard iterations > 0 else { throw failure("\(iterations) iterations; expected 1 or more") }
            config.net.maxBatches = iterations
            config.net.policy = .steps
            config.net.steps = [iterations * 8 / 10, iterations * 9 / 10]
            config.net.scales = [0.1, 0.1]
            config.net.burnIn = min(1000, iterations / 10)
        }
        let last = config.layers.lastIndex { if case .convolutional = $0.kind { true } else { false } }
        guard let last, case .convolutional(var prediction) = config.layers[last].kind, config.classCount != nil else {
            throw failure("it has neither a region nor a softmax behind a convolution")
        }
        if let classes, !(1...Convolution.filterLimit).contains(classes) {
            throw failure("\(classes) classes; expected 1 to \(Convolution.filterLimit)")
        }
        if case .region(var region) = config.layers.last?.kind {
            if let anchors {
                guard !anchors.isEmpty, anchors.count.isMultiple(of: 2), anchors.allSatisfy({ $0 > 0 && $0.isFinite })
                else { throw failure("anchors are \(anchors); expected widths and heights above 0 in turn") }
                region.anchors = anchors
                region.count = anchors.count / 2
            }
            region.classes = classes ?? region.classes
            if side != nil { region.random = false }
            prediction.filters = region.channels
            config.layers[config.layers.count - 1].kind = .region(region)
        } else {
            if anchors != nil { throw failure("it is a classifier, which has no anchors") }
            prediction.filters = classes ?? prediction.filters
        }
        config.layers[last].kind = .convolutional(prediction)
        _ = try config.shapes(width: config.net.width, height: config.net.height)
        return config
    }

    private func failure(_ message: String) -> DarknetError {
        DarknetError(.malformed, file: file, message: message)
    }
}
