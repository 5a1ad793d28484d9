import DataSets

/// A box in pixels of its picture, to a millionth: what the result files hold is what is judged. Boxes that were whole
/// pixels, or had a few decimals, before they became relative are exactly that again.
struct PixelBox: Hashable {
    var left: Double
    var top: Double
    var right: Double
    var bottom: Double
}

extension PixelBox {
    /// As VOC's files hold it, whose first pixel is 1 and whose last one belongs to the box.
    ///
    /// - Parameter isClipped: to the picture, as Darknet writes it.
    init(voc box: TruthBox, width: Double, height: Double, isClipped: Bool) {
        let (left, top) = ((box.x - box.width / 2) * width + 1, (box.y - box.height / 2) * height + 1)
        let (right, bottom) = ((box.x + box.width / 2) * width + 1, (box.y + box.height / 2) * height + 1)
        self.init(
            left: rounded(isClipped ? max(left, 1) : left), top: rounded(isClipped ? max(top, 1) : top),
            right: rounded(isClipped ? min(right, width) : right),
            bottom: rounded(isClipped ? min(bottom, height) : bottom))
    }

    /// Shared area over joint area of such boxes: each side counts both its ends (spec 10).
    func inclusiveOverlap(with other: PixelBox) -> Double {
        let width = min(right, other.right) - max(left, other.left) + 1
        let height = min(bottom, other.bottom) - max(top, other.top) + 1
        guard width > 0, height > 0 else { return 0 }
        let shared = width * height
        let joint =
            (right - left + 1) * (bottom - top + 1) + (other.right - other.left + 1) * (other.bottom - other.top + 1)
            - shared
        return shared / joint
    }
}

/// A box as COCO's files hold it: left, top, width, height in pixels, to a millionth.
struct COCOBox: Hashable {
    var left: Double
    var top: Double
    var width: Double
    var height: Double

    /// - Parameter isClipped: to the picture, as Darknet writes it.
    init(_ box: TruthBox, width: Double, height: Double, isClipped: Bool) {
        let (x, y) = ((box.x - box.width / 2) * width, (box.y - box.height / 2) * height)
        guard isClipped else {
            (left, top) = (rounded(x), rounded(y))
            (self.width, self.height) = (rounded(box.width * width), rounded(box.height * height))
            return
        }
        let (clippedX, clippedY) = (min(max(x, 0), width), min(max(y, 0), height))
        (left, top) = (rounded(clippedX), rounded(clippedY))
        self.width = rounded(max(min(x + box.width * width, width) - clippedX, 0))
        self.height = rounded(max(min(y + box.height * height, height) - clippedY, 0))
    }

    var area: Double { width * height }

    /// Shared area over joint area; for a crowd, over this box's alone. In pycocotools' order of operations.
    func overlap(with truth: COCOBox, isCrowd: Bool) -> Double {
        let width = min(self.width + left, truth.width + truth.left) - max(left, truth.left)
        let height = min(self.height + top, truth.height + truth.top) - max(top, truth.top)
        guard width > 0, height > 0 else { return 0 }
        let shared = width * height
        return shared / (isCrowd ? area : area + truth.area - shared)
    }
}

extension TruthBox {
    /// Shared area over joint area, 0...1; 0 for boxes without area.
    func overlap(with other: TruthBox) -> Double {
        let sharedWidth = min(x + width / 2, other.x + other.width / 2) - max(x - width / 2, other.x - other.width / 2)
        let sharedHeight =
            min(y + height / 2, other.y + other.height / 2) - max(y - height / 2, other.y - other.height / 2)
        guard sharedWidth > 0, sharedHeight > 0 else { return 0 }
        let shared = sharedWidth * sharedHeight
        return shared / (width * height + other.width * other.height - shared)
    }
}

private func rounded(_ pixels: Double) -> Double { (pixels * 1e6).rounded() / 1e6 }
