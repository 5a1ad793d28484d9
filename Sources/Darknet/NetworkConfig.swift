/// A network as its cfg describes it: input, training parameters, layers (spec 1).
public struct NetworkConfig: Hashable, Sendable {
    /// The file's stem, or the built-in network's name.
    public var name: String
    /// What errors name as their file.
    public var file: String
    public var net: NetOptions
    public var layers: [Layer]
    /// What the cfg's author should know: unknown keys, junk after numbers, and the like.
    public var warnings: [DarknetWarning]

    static let layerLimit = 4096

    /// Layers without a cfg. Nothing is checked before `shapes(width:height:)`.
    public init(name: String, net: NetOptions, layers: [Layer]) {
        self.name = name
        file = "network \(name)"
        self.net = net
        self.layers = layers
        warnings = []
    }

    /// Reads a cfg and checks that its layers fit each other at its own input size.
    public init(parsing text: String, file: String) throws(DarknetError) {
        var sections = try OptionSection.sections(of: text, file: file)
        guard !sections.isEmpty else {
            throw DarknetError(.malformed, file: file, message: "holds no section; a cfg starts with [net]")
        }
        guard ["[net]", "[network]"].contains(sections[0].name) else {
            throw sections[0].error("is the first section; a cfg starts with [net]")
        }
        guard (2...Self.layerLimit + 1).contains(sections.count) else {
            throw DarknetError(
                .malformed, file: file,
                message: "holds \(sections.count - 1) layers; expected 1 to \(Self.layerLimit) after [net]")
        }
        let stem = BuiltInFile.name(of: file) ?? file.split(separator: "/").last.map(String.init) ?? file
        name = stem.hasSuffix(".cfg") ? String(stem.dropLast(4)) : stem
        self.file = file
        net = try NetOptions(&sections[0])
        layers = []
        for index in 1..<sections.count {
            sections[index].title = "layer \(index - 1) \(printable(sections[index].name))"
            layers.append(try Layer(&sections[index], index: index - 1))
        }
        var list = WarningList()
        for index in sections.indices {
            sections[index].finish()
            list.add(sections[index].warnings)
        }
        warnings = list.warnings
        checkAnchors(try shapes(width: net.width, height: net.height))
    }

    /// Warns of anchors in pixels, as YOLOv3 has them. Sound ones may well exceed a small network's grid (spec 9).
    private mutating func checkAnchors(_ shapes: [LayerShape]) {
        guard let region, let grid = shapes.last?.output, let largest = region.anchors.max() else { return }
        let limit = 4 * max(grid.width, grid.height)
        if largest > Float(limit) {
            let message =
                "an anchor of \(largest) is far larger than the grid of \(grid.width) x \(grid.height); "
                + "anchors count grid cells: divide pixels by 32"
            warnings.append(DarknetWarning(file: file, line: layers.last?.line, message: message))
        }
    }

    /// Reads a cfg file of at most 4 MiB.
    public init(contentsOf path: String) throws(DarknetError) {
        if let network = BuiltInFile.network(of: path) {
            self = network
        } else {
            try self.init(parsing: try readText(path), file: path)
        }
    }

    /// A cfg which parses to these layers and options.
    public func text() -> String {
        var writer = OptionWriter()
        net.write(to: &writer)
        for layer in layers { layer.write(to: &writer) }
        return writer.text
    }

    /// The last layer's, if that is a region.
    public var region: Region? {
        guard case .region(let region) = layers.last?.kind else { return nil }
        return region
    }

    /// Of the region, or of the classifier that ends in a softmax: the filters of its last convolution.
    public var classCount: Int? {
        if let region { return region.classes }
        var filters: Int?
        var isClassifier = false
        for layer in layers {
            if case .convolutional(let convolution) = layer.kind { filters = convolution.filters }
            if case .softmax = layer.kind { isClassifier = true }
        }
        return isClassifier ? filters : nil
    }

    /// How errors name a layer: `layer 12 [convolutional]`.
    func title(layer index: Int) -> String { "layer \(index) [\(layers[index].name)]" }

    /// An error of one layer.
    func error(_ kind: DarknetError.Kind, layer index: Int, _ message: String) -> DarknetError {
        let line = layers[index].line
        return DarknetError(
            kind, file: file, line: line > 0 ? line : nil, section: title(layer: index), message: message)
    }
}
