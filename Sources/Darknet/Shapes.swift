/// What a layer takes and gives, for one image.
public struct LayerShape: Hashable, Sendable {
    /// A route's: the first of its layers.
    public var input: TensorShape
    public var output: TensorShape

    public init(input: TensorShape, output: TensorShape) {
        self.input = input
        self.output = output
    }
}

extension NetworkConfig {
    /// Of one convolution, 2 GiB; YOLO9000's largest has 29 million.
    static let weightLimit = 1 << 29

    /// The shapes of every layer for an input of this size in pixels (spec 1.4).
    ///
    /// Throws `.mismatch` for a size that the network cannot take, `.malformed` for layers that do not fit each other.
    public func shapes(width: Int, height: Int) throws(DarknetError) -> [LayerShape] {
        guard NetOptions.sideRange.contains(width), NetOptions.sideRange.contains(height) else {
            throw DarknetError(
                .mismatch, file: file,
                message: "an input of \(width) x \(height) is impossible; expected sides of 1 to "
                    + "\(NetOptions.sideRange.upperBound)")
        }
        try checkPassthrough(width: width, height: height)
        let image = TensorShape(channels: net.channels, height: height, width: width)
        var shapes: [LayerShape] = []
        for index in layers.indices {
            let previous = shapes.last?.output ?? image
            let shape = try shape(ofLayer: index, input: previous, earlier: shapes)
            try checkCount(shape.output, layer: index)
            shapes.append(shape)
        }
        return shapes
    }

    private func shape(
        ofLayer index: Int, input: TensorShape, earlier: [LayerShape]
    ) throws(DarknetError) -> LayerShape {
        var output = input
        switch layers[index].kind {
        case .convolutional(let convolution):
            guard input.channels.isMultiple(of: convolution.groups) else {
                throw error(
                    .malformed, layer: index,
                    "\(input.channels) input channels are no multiple of its \(convolution.groups) groups")
            }
            guard let count = convolution.weightCount(channels: input.channels), count <= Self.weightLimit else {
                throw error(.malformed, layer: index, "its weights are too many; expected at most \(Self.weightLimit)")
            }
            let padding = 2 * convolution.padding
            output.channels = convolution.filters
            output.width = try slide(input.width, convolution.size, convolution.stride, padding, layer: index)
            output.height = try slide(input.height, convolution.size, convolution.stride, padding, layer: index)
        case .maxpool(let pool):
            output.width = try slide(input.width, pool.size, pool.stride, pool.padding, layer: index)
            output.height = try slide(input.height, pool.size, pool.stride, pool.padding, layer: index)
        case .avgpool:
            output = TensorShape(channels: input.channels, height: 1, width: 1)
        case .route(let route):
            return try join(route, layer: index, earlier: earlier)
        case .reorg(let reorg):
            output = try rearrange(input, reorg, layer: index)
        case .region(let region):
            guard input.channels == region.channels else {
                throw error(
                    .malformed, layer: index,
                    "takes num x (coords + 1 + classes) = \(region.count) x \(region.entries) = \(region.channels) "
                        + "channels, but the layer before gives \(input.channels); "
                        + "set that layer's filters to \(region.channels)")
            }
        case .softmax(let softmax):
            guard input.channels.isMultiple(of: softmax.groups) else {
                throw error(
                    .malformed, layer: index,
                    "\(input.channels) input channels are no multiple of its \(softmax.groups) groups")
            }
        case .cost, .dropout: break
        }
        return LayerShape(input: input, output: output)
    }

    /// Positions of a window along one side; `padding` counts both ends.
    private func slide(_ side: Int, _ size: Int, _ stride: Int, _ padding: Int, layer: Int) throws(DarknetError) -> Int
    {
        let room = side + padding - size
        guard room >= 0 else {
            throw error(
                .mismatch, layer: layer,
                "its input is \(side) wide or high, too small for size \(size) and padding \(padding); use a larger one"
            )
        }
        return room / stride + 1
    }

    private func join(_ route: Route, layer index: Int, earlier: [LayerShape]) throws(DarknetError) -> LayerShape {
        var joined: TensorShape?
        for source in route.layers {
            guard earlier.indices.contains(source) else {
                throw error(.malformed, layer: index, "takes layer \(source); expected one of the layers before it")
            }
            let shape = earlier[source].output
            guard var sum = joined else {
                joined = shape
                continue
            }
            guard shape.width == sum.width, shape.height == sum.height else {
                throw error(
                    .malformed, layer: index,
                    "joins layer \(route.layers[0]) (\(sum.width) x \(sum.height)) and layer \(source) "
                        + "(\(shape.width) x \(shape.height)); expected equal widths and heights")
            }
            // No overflow: at most 1000 layers of at most 2^31 values each.
            sum.channels += shape.channels
            joined = sum
        }
        guard let joined, let first = route.layers.first else {
            throw error(.malformed, layer: index, "takes no layer; expected at least one")
        }
        return LayerShape(input: earlier[first].output, output: joined)
    }

    private func rearrange(_ input: TensorShape, _ reorg: Reorg, layer: Int) throws(DarknetError) -> TensorShape {
        let stride = reorg.stride
        let area = stride * stride
        if reorg.reverse {
            guard input.channels.isMultiple(of: area) else {
                throw error(
                    .malformed, layer: layer, "\(input.channels) input channels are no multiple of stride² = \(area)")
            }
            return TensorShape(
                channels: input.channels / area, height: input.height * stride, width: input.width * stride)
        }
        guard input.width.isMultiple(of: stride), input.height.isMultiple(of: stride) else {
            throw error(
                .mismatch, layer: layer,
                "its input is \(input.width) x \(input.height); expected multiples of its stride \(stride)")
        }
        guard reorg.order != .darknet || input.channels.isMultiple(of: area) else {
            throw error(
                .malformed, layer: layer, "\(input.channels) input channels are no multiple of stride² = \(area)")
        }
        return TensorShape(channels: input.channels * area, height: input.height / stride, width: input.width / stride)
    }

    /// Refuses activations that no machine of ours holds, before anyone multiplies their sides.
    private func checkCount(_ shape: TensorShape, layer: Int) throws(DarknetError) {
        let plane = shape.width.multipliedReportingOverflow(by: shape.height)
        let count = plane.partialValue.multipliedReportingOverflow(by: shape.channels)
        guard !plane.overflow, !count.overflow, count.partialValue <= Int(Int32.max) else {
            throw error(
                .mismatch, layer: layer, "its output of \(shape) is too large; use a smaller input or fewer filters")
        }
    }

    /// A reorg joins maps of different strides, which agree only if no layer on the way rounded: the input's sides must
    /// be multiples of all the strides up to there, 32 in YOLOv2 (spec 1.4).
    private func checkPassthrough(width: Int, height: Int) throws(DarknetError) {
        var strides: [Int] = []
        for (index, layer) in layers.enumerated() {
            var stride = strides.last ?? 1
            switch layer.kind {
            case .convolutional(let convolution): stride *= convolution.stride
            case .maxpool(let pool): stride *= pool.stride
            case .route(let route):
                if let first = route.layers.first, strides.indices.contains(first) { stride = strides[first] }
            case .reorg(let reorg) where reorg.reverse: stride = max(1, stride / reorg.stride)
            case .reorg(let reorg):
                stride *= reorg.stride
                guard width.isMultiple(of: stride), height.isMultiple(of: stride) else {
                    let nearest = "\(max(1, width / stride) * stride) x \(max(1, height / stride) * stride)"
                    throw error(
                        .mismatch, layer: index,
                        "an input of \(width) x \(height) does not fit: this network's passthrough needs multiples of "
                            + "\(stride), such as \(nearest)")
                }
            default: break
            }
            // Beyond the longest side everything is 1 x 1; going on could only overflow.
            strides.append(min(stride, NetOptions.sideRange.upperBound * 2))
        }
    }
}
