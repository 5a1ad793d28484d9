import Darknet
import Foundation

/// The detector's loss: boxes, objectness and classes against the truths of a picture (spec 7.1, 8.3, 8.4).
///
/// Gradients are of the loss, to be descended, of the sum over pictures. Safe to use from several threads at once.
public struct RegionLoss: Sendable {
    /// With the articles' weights, if these were asked for.
    public let region: Region
    public let options: RegionLossOptions
    let classes: ClassTerm
    let tree: WordTree?
    /// From the data set's classes to the tree's nodes.
    let map: [Int]?

    /// - Parameters:
    ///   - tree: what the region's `tree` names.
    ///   - map: the tree's node of each of the data set's classes; labels of whole pictures are nodes already.
    /// - Throws: `LossError` where these do not fit each other.
    public init(
        region: Region, tree: WordTree? = nil, map: [Int]? = nil, options: RegionLossOptions = RegionLossOptions()
    ) throws(LossError) {
        guard region.coords == 4, region.count > 0, region.anchors.count == 2 * region.count,
            region.anchors.allSatisfy({ $0 > 0 })
        else {
            throw LossError(
                "the region has coords=\(region.coords), num=\(region.count) and \(region.anchors.count) numbers in "
                    + "anchors; expected coords=4 and two positive numbers for each of num")
        }
        if tree == nil, let file = region.treeFile {
            throw LossError("the region needs its word tree \(file); give the tree's file along with the cfg")
        }
        if let tree, tree.count != region.classes {
            throw LossError("the tree has \(tree.count) nodes, the network \(region.classes) classes")
        }
        if tree != nil, region.background {
            throw LossError("background=1 and a tree exclude each other; take one of them out of the cfg")
        }
        if options.isSquaredError, tree != nil || region.background {
            throw LossError("the articles' squared errors know neither a tree nor background=1; use the default loss")
        }
        if map != nil, tree == nil { throw LossError("a class map was given for a network without a tree") }
        if let wrong = map?.first(where: { !(0..<region.classes).contains($0) }) {
            throw LossError("the class map names node \(wrong); the tree's nodes are 0...\(region.classes - 1)")
        }
        self.options = options
        self.map = map
        self.tree = tree
        var region = region
        if options.isSquaredError {
            (region.coordScale, region.objectScale, region.noObjectScale, region.classScale) = (5, 1, 0.5, 1)
            (region.softmax, region.rescore) = (false, false)
        }
        self.region = region
        classes =
            if let tree {
                .tree(tree)
            } else if options.isSquaredError {
                .squaredError
            } else if region.softmax || region.background {
                .softmax(background: region.background)
            } else {
                .logistic
            }
    }

    /// - Throws: where the target is none for this network. What passes here may be given to a call.
    public func check(_ target: Target) throws(LossError) {
        switch target {
        case .boxes(let boxes):
            let count = map?.count ?? region.classes
            for box in boxes {
                guard (0..<count).contains(box.classID) else {
                    throw LossError(
                        "a box has class \(box.classID); "
                            + (map == nil ? "the network's" : "the map's") + " classes are 0...\(count - 1)")
                }
                guard (0...1).contains(box.x), (0...1).contains(box.y), box.width > 0, box.width.isFinite,
                    box.height > 0, box.height.isFinite
                else {
                    throw LossError(
                        "a box has its centre at \(box.x), \(box.y) and the size \(box.width) x \(box.height); "
                            + "expected a centre within 0...1 and a positive size")
                }
            }
        case .label(let node):
            guard case .tree = classes else {
                throw LossError("a picture has a label but no boxes; only a network with a word tree learns from it")
            }
            guard (0..<region.classes).contains(node) else {
                throw LossError("a picture has label \(node); the tree's nodes are 0...\(region.classes - 1)")
            }
        }
    }

    /// One picture.
    ///
    /// - Parameters:
    ///   - raw: count·(coords+1+classes) x rows x columns as the last convolution leaves it. If it is not finite, nor
    ///     are the statistics.
    ///   - target: one that `check` lets pass.
    ///   - seen: pictures so far, those of the present mini-batch included, as Darknet counts.
    ///   - gradient: as `raw`; all of it is written.
    public func callAsFunction(
        _ raw: UnsafeBufferPointer<Float>, rows: Int, columns: Int, target: Target, seen: Int,
        gradient: UnsafeMutableBufferPointer<Float>
    ) -> LossStatistics {
        precondition(raw.count == region.channels * rows * columns && gradient.count == raw.count && rows * columns > 0)
        do { try check(target) } catch { preconditionFailure(error.description) }
        let prediction = RegionPrediction(raw, region: region, rows: rows, columns: columns)
        let targets = RegionTargets(target, loss: self, raw: raw, prediction: prediction, seen: seen)
        gradient.update(repeating: 0)
        var evaluation = RegionEvaluation(
            loss: self, raw: raw, prediction: prediction, gradient: gradient, statistics: targets.statistics)
        evaluation.add(targets)
        return evaluation.statistics
    }

    /// The node of a box's class.
    func label(of box: TrainingBox) -> Int { map?[box.classID] ?? box.classID }

    /// The predictor whose objectness x P(node) is greatest; the first of equals.
    func bestPredictor(of node: Int, _ raw: UnsafeBufferPointer<Float>, _ prediction: RegionPrediction) -> Int {
        guard case .tree(let tree) = classes else { preconditionFailure("only a tree has nodes") }
        let cells = prediction.rows * prediction.columns
        var best = (predictor: 0, score: -Float.infinity)
        // Plane by plane: the classes of one cell lie far apart.
        var scores = [Float](repeating: 0, count: cells)
        var (largest, sums) = (scores, scores)
        for anchor in 0..<region.count {
            let plane = { (node: Int) in
                UnsafeBufferPointer(rebasing: raw[((anchor * region.entries + 5 + node) * cells)...].prefix(cells))
            }
            for cell in 0..<cells { scores[cell] = prediction.objectness[anchor * cells + cell] }
            for node in tree.path(from: node) {
                for cell in 0..<cells { (largest[cell], sums[cell]) = (-.infinity, 0) }
                for sibling in tree.siblings(of: node) {
                    let values = plane(sibling)
                    for cell in 0..<cells { largest[cell] = max(largest[cell], values[cell]) }
                }
                for sibling in tree.siblings(of: node) {
                    let values = plane(sibling)
                    for cell in 0..<cells { sums[cell] += exp(values[cell] - largest[cell]) }
                }
                let values = plane(node)
                for cell in 0..<cells { scores[cell] *= exp(values[cell] - largest[cell]) / sums[cell] }
            }
            for cell in 0..<cells where scores[cell] > best.score { best = (anchor * cells + cell, scores[cell]) }
        }
        return best.predictor
    }
}

extension Region {
    /// Of an entry among the raw values.
    func offset(_ predictor: Int, entry: Int, cells: Int) -> Int {
        (predictor / cells * entries + entry) * cells + predictor % cells
    }
}
