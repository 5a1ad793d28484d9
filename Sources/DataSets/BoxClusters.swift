/// k-means over sizes of boxes.
struct BoxClusters {
    private(set) var centres: [Anchors.Size]
    let distance: Anchors.Distance

    /// As the reference does where assignments go on changing.
    private static let roundLimit = 1000

    init(centres: [Anchors.Size], distance: Anchors.Distance) {
        self.centres = centres
        self.distance = distance
    }

    /// k-means++: each centre is one of the boxes, drawn with a chance that rises with its cost so far.
    init(
        seeding boxes: [Anchors.Size], count: Int, distance: Anchors.Distance, random: inout some RandomNumberGenerator
    ) {
        self.init(centres: [], distance: distance)
        var costs = [Double](repeating: 1, count: boxes.count)
        while centres.count < count {
            let total = costs.reduce(0, +)
            // No box is left that differs from all centres.
            guard total > 0 else { return }
            var rest = Double.random(in: 0..<total, using: &random)
            let chosen = costs.firstIndex { cost in
                rest -= cost
                return rest < 0
            }
            // Rounding may leave a rest behind the last.
            guard let index = chosen ?? costs.lastIndex(where: { $0 > 0 }) else { return }
            let centre = boxes[index]
            centres.append(centre)
            for other in boxes.indices {
                let cost = boxes[other] == centre ? 0 : cost(boxes[other], centre)
                costs[other] = centres.count == 1 ? cost : min(costs[other], cost)
            }
        }
    }

    /// Assigns and averages until no box changes its centre. A centre without boxes keeps its place.
    ///
    /// - Returns: the mean of what each box costs with its centre.
    mutating func run(_ boxes: [Anchors.Size]) -> Double {
        var assigned = [Int](repeating: -1, count: boxes.count)
        var total = 0.0
        for _ in 0..<Self.roundLimit {
            var isChanged = false
            var sums = [(width: Double, height: Double, count: Double)](repeating: (0, 0, 0), count: centres.count)
            total = 0
            for (index, box) in boxes.enumerated() {
                let (nearest, cost) = nearest(to: box)
                total += cost
                isChanged = isChanged || assigned[index] != nearest
                assigned[index] = nearest
                sums[nearest].width += box.width
                sums[nearest].height += box.height
                sums[nearest].count += 1
            }
            if !isChanged { break }
            for (index, sum) in sums.enumerated() where sum.count > 0 {
                centres[index] = Anchors.Size(width: sum.width / sum.count, height: sum.height / sum.count)
            }
        }
        return total / Double(max(boxes.count, 1))
    }

    private func nearest(to box: Anchors.Size) -> (index: Int, cost: Double) {
        var best = (index: 0, cost: Double.infinity)
        for index in centres.indices {
            let cost = cost(box, centres[index])
            if cost < best.cost { best = (index, cost) }
        }
        return best
    }

    private func cost(_ box: Anchors.Size, _ centre: Anchors.Size) -> Double {
        switch distance {
        case .iou: return 1 - box.iou(centre)
        case .euclidean:
            let (x, y) = (box.width - centre.width, box.height - centre.height)
            return x * x + y * y
        }
    }
}
