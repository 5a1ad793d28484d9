extension Layer {
    /// The layer that a section describes, as number `index` of the network.
    init(_ section: inout OptionSection, index: Int) throws(DarknetError) {
        let kind: Kind
        switch section.name {
        case "[convolutional]", "[conv]": kind = .convolutional(try Convolution(&section))
        case "[maxpool]", "[max]": kind = .maxpool(try MaxPool(&section))
        case "[avgpool]", "[avg]": kind = .avgpool
        case "[route]": kind = .route(try Route(&section, index: index))
        case "[reorg]": kind = .reorg(try Reorg(&section, order: .darknet))
        case "[reorg3d]": kind = .reorg(try Reorg(&section, order: .offsetMajor))
        case "[region]": kind = .region(try Region(&section))
        case "[softmax]", "[soft]":
            var softmax = Softmax()
            try section.read(Softmax.fields, into: &softmax)
            kind = .softmax(softmax)
        case "[cost]":
            var cost = Cost()
            cost.type = section.choice("type", default: .sse, fallback: .sse)
            try section.read(Cost.fields, into: &cost)
            kind = .cost(cost)
        case "[dropout]":
            kind = .dropout(Dropout(probability: try section.float("probability", default: 0.5, in: 0...0.999)))
        default:
            throw section.error(
                "this layer is not part of the YOLOv2 family, whose networks are made of convolutional, maxpool, "
                    + "avgpool, route, reorg, reorg3d, region, softmax, cost and dropout; use a YOLOv2 cfg")
        }
        var common = LayerOptions()
        try section.read(LayerOptions.fields, into: &common)
        self.init(kind, common: common, line: section.line ?? 0)
    }

    /// Writes the layer's section.
    func write(to writer: inout OptionWriter) {
        writer.section(name)
        switch kind {
        case .convolutional(let convolution): convolution.write(to: &writer)
        case .maxpool(let pool):
            writer.put("size", pool.size)
            writer.put("stride", pool.stride)
            if pool.padding != pool.size - 1 { writer.put("padding", pool.padding) }
        case .avgpool: break
        case .route(let route): writer.put("layers", route.layers)
        case .reorg(let reorg):
            writer.put("stride", reorg.stride)
            if reorg.reverse { writer.put("reverse", 1) }
            if reorg.order == .channelMajor { writer.put("order", reorg.order.rawValue) }
        case .region(let region): region.write(to: &writer)
        case .softmax(let softmax): writer.put(Softmax.fields, of: softmax, unless: Softmax())
        case .cost(let cost):
            writer.put("type", cost.type.rawValue)
            writer.put(Cost.fields, of: cost, unless: Cost())
        case .dropout(let dropout): writer.put("probability", dropout.probability)
        }
        writer.put(LayerOptions.fields, of: common, unless: LayerOptions())
    }
}

extension Convolution {
    init(_ section: inout OptionSection) throws(DarknetError) {
        self.init()
        try section.read(Self.fields, into: &self)
        // pad=1 overrules padding (spec 1.4).
        if try section.flag("pad", default: false) { padding = size / 2 }
        activation = section.choice("activation", default: .logistic, fallback: .relu)
        for key in ["binary", "xnor", "dot"] where try section.flag(key, default: false) {
            throw section.error("\(key)=1 is not supported: it belongs to binarised networks, not to YOLOv2")
        }
        guard filters.isMultiple(of: groups) else {
            throw section.error("filters=\(filters) is not a multiple of groups=\(groups)")
        }
    }

    func write(to writer: inout OptionWriter) {
        writer.put("filters", filters)
        writer.put("size", size)
        writer.put("stride", stride)
        if padding > 0 { writer.put(padding == size / 2 ? "pad" : "padding", padding == size / 2 ? 1 : padding) }
        if groups != 1 { writer.put("groups", groups) }
        if batchNormalize { writer.put("batch_normalize", 1) }
        if flipped { writer.put("flipped", 1) }
        writer.put("activation", activation.rawValue)
    }
}

extension MaxPool {
    init(_ section: inout OptionSection) throws(DarknetError) {
        stride = try section.int("stride", default: 1, in: 1...1024)
        size = try section.int("size", default: stride, in: 1...1024)
        padding = try section.int("padding", default: size - 1, in: 0...1024)
        // A window wholly outside the image has no largest value.
        guard padding <= 2 * (size - 1) else {
            throw section.error(
                "padding=\(padding) is too much for size=\(size); expected at most \(2 * (size - 1)) of both sides"
            )
        }
    }
}

extension Route {
    init(_ section: inout OptionSection, index: Int) throws(DarknetError) {
        guard let numbers = try section.ints("layers", in: .anyInt32, atMost: 1000), !numbers.isEmpty else {
            throw section.error("layers is missing; expected layers= with indices such as -1,-4 or 16")
        }
        layers = []
        for number in numbers {
            let layer = number < 0 ? index + number : number
            guard (0..<index).contains(layer) else {
                throw section.error(
                    "layers names \(number), which is layer \(layer); expected one of 0 to \(index - 1)")
            }
            layers.append(layer)
        }
    }
}

extension Reorg {
    init(_ section: inout OptionSection, order sectionOrder: ReorgOrder) throws(DarknetError) {
        stride = try section.int("stride", default: 1, in: 1...1024)
        reverse = try section.flag("reverse", default: false)
        order = sectionOrder
        if let entry = section.take("order") {
            guard sectionOrder == .darknet, let named = ReorgOrder(rawValue: entry.value) else {
                throw section.error(
                    line: entry.line,
                    "order=\(quoted(entry.value)): expected darknet, channelMajor or offsetMajor, in [reorg] only")
            }
            order = named
        }
        for key in ["flatten", "extra"] where try section.int(key, default: 0, in: .anyInt32) != 0 {
            throw section.error("\(key) other than 0 is not supported: no network of the YOLOv2 family has it")
        }
    }
}
