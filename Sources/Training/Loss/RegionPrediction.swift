import Darknet
import Foundation

/// The boxes and objectness that a region's raw values stand for, by predictor: anchor · cells + row · columns + column.
struct RegionPrediction {
    let rows: Int
    let columns: Int
    /// Of the centre, within its cell.
    private(set) var x: [Float]
    private(set) var y: [Float]
    /// With a background class that class's probability.
    private(set) var objectness: [Float]
    /// Relative to the network's input. Padded to whole vectors with boxes that overlap nothing.
    private var left: [Float]
    private var right: [Float]
    private var top: [Float]
    private var bottom: [Float]

    private typealias Lanes = SIMD8<Float>

    var count: Int { x.count }

    init(_ raw: UnsafeBufferPointer<Float>, region: Region, rows: Int, columns: Int) {
        (self.rows, self.columns) = (rows, columns)
        let cells = rows * columns
        let count = region.count * cells
        let padded = (count + Lanes.scalarCount - 1) / Lanes.scalarCount * Lanes.scalarCount
        x = Array(repeating: 0, count: count)
        y = x
        objectness = x
        left = Array(repeating: 0, count: padded)
        right = left
        top = left
        bottom = left
        for anchor in 0..<region.count {
            let planes = UnsafeBufferPointer(rebasing: raw[(anchor * region.entries * cells)...])
            let width = region.anchors[2 * anchor] / Float(columns) / 2
            let height = region.anchors[2 * anchor + 1] / Float(rows) / 2
            for cell in 0..<cells {
                let index = anchor * cells + cell
                x[index] = sigmoid(planes[cell])
                y[index] = sigmoid(planes[cells + cell])
                objectness[index] =
                    region.background
                    ? ClassTerm.softmax(background: true).probability(
                        of: -1, planes.baseAddress! + 5 * cells + cell, count: region.classes, stride: cells)
                    : sigmoid(planes[4 * cells + cell])
                let centre = (
                    x: (Float(cell % columns) + x[index]) / Float(columns),
                    y: (Float(cell / columns) + y[index]) / Float(rows)
                )
                let half = (
                    width: exp(planes[2 * cells + cell]) * width, height: exp(planes[3 * cells + cell]) * height
                )
                left[index] = centre.x - half.width
                right[index] = centre.x + half.width
                top[index] = centre.y - half.height
                bottom[index] = centre.y + half.height
            }
        }
    }

    /// Of one prediction with a box.
    func iou(_ predictor: Int, _ box: TrainingBox) -> Float {
        iou(block: predictor / Lanes.scalarCount, box)[predictor % Lanes.scalarCount]
    }

    /// The greatest of each prediction with any of the boxes, and with which; 0 and -1 without any overlap.
    func overlaps(with boxes: some Sequence<TrainingBox>) -> (iou: [Float], box: [Int32]) {
        var best = [Lanes](repeating: .zero, count: left.count / Lanes.scalarCount)
        var which = [SIMD8<Int32>](repeating: SIMD8(repeating: -1), count: best.count)
        for (number, box) in boxes.enumerated() {
            for block in best.indices {
                let iou = iou(block: block, box)
                let isBetter = iou .> best[block]
                best[block].replace(with: iou, where: isBetter)
                which[block].replace(with: Int32(number), where: isBetter)
            }
        }
        return (flat(best), flat(which))
    }

    @inline(__always)
    private func iou(block: Int, _ box: TrainingBox) -> Lanes {
        let (left, right) = (lanes(left, block), lanes(right, block))
        let (top, bottom) = (lanes(top, block), lanes(bottom, block))
        let width = smaller(right, box.x + box.width / 2) - greater(left, box.x - box.width / 2)
        let height = smaller(bottom, box.y + box.height / 2) - greater(top, box.y - box.height / 2)
        let intersection = greater(width, 0) * greater(height, 0)
        return intersection / ((right - left) * (bottom - top) + box.width * box.height - intersection)
    }

    @inline(__always)
    private func lanes(_ plane: [Float], _ block: Int) -> Lanes {
        plane.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: block * MemoryLayout<Lanes>.size, as: Lanes.self)
        }
    }

    @inline(__always)
    private func smaller(_ a: Lanes, _ b: Float) -> Lanes { a.replacing(with: b, where: a .> b) }
    @inline(__always)
    private func greater(_ a: Lanes, _ b: Float) -> Lanes { a.replacing(with: b, where: a .< b) }

    private func flat<Scalar>(_ blocks: [SIMD8<Scalar>]) -> [Scalar] {
        blocks.withUnsafeBytes { Array($0.bindMemory(to: Scalar.self).prefix(count)) }
    }
}
