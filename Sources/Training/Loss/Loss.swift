import Darknet

/// What a network is trained by: chosen by how its cfg ends, run over a whole mini-batch.
public enum Loss: Sendable {
    case region(RegionLoss)
    case classifier(ClassifierLoss)

    /// Of a cfg that ends in `[region]`, in `[softmax]`, or in `[cost]` behind either a softmax, which has the loss
    /// already (spec 7.8), or another layer.
    ///
    /// - Parameters:
    ///   - tree: what the region's or the softmax' `tree` names.
    ///   - map: the tree's node of each of the data set's classes.
    /// - Throws: `LossError`, and `DarknetError` where the cfg's layers do not fit each other.
    public static func loss(
        for config: NetworkConfig, tree: WordTree? = nil, map: [Int]? = nil,
        options: RegionLossOptions = RegionLossOptions()
    ) throws -> Loss {
        if let region = config.region {
            return .region(try RegionLoss(region: region, tree: tree, map: map, options: options))
        }
        if map != nil { throw LossError("\(config.name): a class map was given for a network without a region") }
        let shapes = try config.shapes(width: config.net.width, height: config.net.height)
        var kinds = config.layers.map(\.kind)
        var cost: Cost?
        if case .cost(let last) = kinds.last {
            cost = last
            kinds.removeLast()
        }
        guard let last = kinds.last else { throw LossError("\(config.name) has no layer before [cost]") }
        let classes = shapes[kinds.count - 1].output.count
        if case .softmax(let softmax) = last {
            if softmax.noLoss, cost == nil {
                throw LossError("\(config.name): its softmax has noloss=1 and no [cost] behind it; take noloss out")
            }
            return .classifier(try classifier(softmax, classes: classes, tree: tree, of: config))
        }
        guard let cost else {
            throw LossError(
                "\(config.name) ends in [\(config.layers[kinds.count - 1].name)]; training needs [region], [softmax] "
                    + "or [cost] at the end of the cfg")
        }
        guard cost.type == .sse else {
            throw LossError("\(config.name): [cost] type=\(cost.type.rawValue) is not supported; use type=sse")
        }
        return .classifier(ClassifierLoss(squaredErrorOf: classes, scale: cost.scale))
    }

    /// The network's, and the nodes of the data set's classes.
    var hierarchy: (tree: WordTree?, map: [Int]?) {
        switch self {
        case .region(let loss): (loss.tree, loss.map)
        case .classifier(let loss): (loss.tree, nil)
        }
    }

    private static func classifier(
        _ softmax: Softmax, classes: Int, tree: WordTree?, of config: NetworkConfig
    ) throws(LossError) -> ClassifierLoss {
        guard softmax.groups == 1, softmax.temperature == 1, !softmax.spatial else {
            throw LossError(
                "\(config.name): its softmax has groups=\(softmax.groups), temperature=\(softmax.temperature), "
                    + "spatial=\(softmax.spatial ? 1 : 0); training takes one softmax over all classes, groups=1, "
                    + "temperature=1, spatial=0")
        }
        if tree == nil, let file = softmax.treeFile {
            throw LossError("\(config.name) needs its word tree \(file); give the tree's file along with the cfg")
        }
        return try ClassifierLoss(classes: classes, tree: tree)
    }

    /// - Throws: where a target is none for this network. What passes here may be given to a call.
    public func check(_ target: Target) throws(LossError) {
        switch self {
        case .region(let loss): try loss.check(target)
        case .classifier(let loss): try loss.check(target)
        }
    }

    /// A mini-batch.
    ///
    /// - Parameters:
    ///   - output: of the layer before the region, the softmax or the cost: pictures x `shape`.
    ///   - shape: of one picture.
    ///   - targets: of each picture; such as `check` lets pass.
    ///   - seen: pictures before this mini-batch: `TrainingBatch.firstSample`.
    ///   - gradient: as `output`; all of it is written. Of the sum over the pictures.
    public func callAsFunction(
        output: UnsafeBufferPointer<Float>, shape: TensorShape, targets: [Target], seen: Int,
        gradient: UnsafeMutableBufferPointer<Float>
    ) -> LossStatistics {
        precondition(output.count == targets.count * shape.count && gradient.count == output.count)
        var sum = LossStatistics()
        for (number, target) in targets.enumerated() {
            let range = number * shape.count..<(number + 1) * shape.count
            let raw = UnsafeBufferPointer(rebasing: output[range])
            let part = UnsafeMutableBufferPointer(rebasing: gradient[range])
            switch self {
            case .region(let loss):
                // Darknet counts a mini-batch before it runs it.
                sum += loss(
                    raw, rows: shape.height, columns: shape.width, target: target, seen: seen + targets.count,
                    gradient: part)
            case .classifier(let loss):
                sum += loss(raw, target: target, gradient: part)
            }
        }
        return sum
    }
}

/// What does not fit together in a training's loss, in words.
public struct LossError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
