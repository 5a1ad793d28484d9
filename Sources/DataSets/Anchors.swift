import Darknet

/// Anchors found by clustering the sizes of a data set's boxes (spec 9).
public struct Anchors: Hashable, Sendable {
    /// In grid cells.
    public struct Size: Hashable, Sendable {
        public var width: Double
        public var height: Double

        public init(width: Double, height: Double) {
            self.width = width
            self.height = height
        }

        public var area: Double { width * height }

        /// With both boxes around the same centre.
        public func iou(_ other: Size) -> Double {
            let common = min(width, other.width) * min(height, other.height)
            return common / (area + other.area - common)
        }
    }

    public enum Distance: String, Sendable, CaseIterable {
        /// 1 - IoU, which counts small boxes as much as large ones.
        case iou
        /// For comparison: large boxes make larger errors.
        case euclidean
    }

    /// By rising area.
    public var sizes: [Size]
    /// Of each box with the anchor nearest to it by IoU.
    public var meanIoU: Double

    /// The value of a cfg's `anchors`, with the 4 digits that Darknet's tool gives.
    public var cfgValue: String { sizes.map { "\(rounded($0.width)),\(rounded($0.height))" }.joined(separator: ", ") }

    /// The sizes of the boxes that a network of this input size is trained with.
    ///
    /// - Parameters:
    ///   - width: of the input, in pixels, as `height`. The picture is taken to fill it.
    ///   - cell: of the network's grid, in pixels: 32 in all networks of the articles.
    public static func boxes(of samples: [Sample], width: Int, height: Int, cell: Int = 32) -> [Size] {
        let (columns, rows) = (Double(width) / Double(cell), Double(height) / Double(cell))
        return samples.flatMap(\.truths).filter(\.isTrained).map {
            Size(width: $0.box.width * columns, height: $0.box.height * rows)
        }
    }

    /// k-means from several beginnings drawn as k-means++ does, of which the one with the best mean IoU counts (for
    /// Euclidean distance, the least mean square).
    ///
    /// Of more than 50,000 boxes, as many drawn at random are clustered; the mean IoU is that of all.
    ///
    /// - Parameter count: how many; fewer are found where there are fewer different boxes.
    public init(of boxes: [Size], count: Int, distance: Distance = .iou, seed: UInt64 = 0, restarts: Int = 5) {
        var random = SeededNumbers(seed: seed)
        let drawn = boxes.count > Self.sampleLimit ? Self.draw(Self.sampleLimit, of: boxes, &random) : boxes
        var best: (clusters: BoxClusters, cost: Double)?
        for _ in 0..<max(restarts, 1) {
            var clusters = BoxClusters(seeding: drawn, count: count, distance: distance, random: &random)
            let cost = clusters.run(drawn)
            if best.map({ cost < $0.cost }) ?? true { best = (clusters, cost) }
        }
        sizes = (best?.clusters.centres ?? []).sorted { ($0.area, $0.width) < ($1.area, $1.width) }
        meanIoU = Self.meanIoU(of: boxes, with: sizes)
    }

    /// Of each box with the anchor nearest to it by IoU; 0 without boxes.
    public static func meanIoU(of boxes: [Size], with anchors: [Size]) -> Double {
        boxes.reduce(0) { sum, box in sum + anchors.reduce(0) { max($0, $1.iou(box)) } } / Double(max(boxes.count, 1))
    }

    private static let sampleLimit = 50_000

    /// The first steps of a shuffle.
    private static func draw(_ count: Int, of boxes: [Size], _ random: inout SeededNumbers) -> [Size] {
        var boxes = boxes
        for index in 0..<count { boxes.swapAt(index, Int.random(in: index..<boxes.count, using: &random)) }
        return Array(boxes.prefix(count))
    }

    private func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
