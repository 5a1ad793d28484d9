import DataSets
import Glibc

/// Where a picture lies in the network's input, along one axis.
struct ViewAxis: Hashable {
    /// Pixels of the input that show it; they may lie outside.
    var start: Int
    var count: Int
    /// The position in the picture, in its pixels, that `start` shows, and from there to the next.
    var first: Double
    var step: Double
    /// Truths: position in the input = `scale` x position in the picture + `offset`, both relative. Not quite the same as
    /// the pixels': Darknet rounds those.
    var scale: Double
    var offset: Double

    /// The whole picture at `size` pixels from `offset` on, of an input of `side`: jittered letterboxing.
    init(placed size: Double, at offset: Double, side: Int, of length: Int) {
        start = Int(offset)
        count = max(1, Int(size))
        first = 0
        step = Double(length) / Double(count)
        scale = size / Double(side)
        self.offset = offset / Double(side)
    }

    /// `size` pixels of the picture from `left` on fill an input of `side`.
    init(crop size: Int, at left: Int, side: Int, of length: Int) {
        start = 0
        count = side
        first = Double(left)
        step = side > 1 ? Double(size - 1) / Double(side - 1) : 0
        scale = Double(length) / Double(size)
        offset = -Double(left) / Double(size)
    }

    /// The whole picture at `count` pixels from `start` on, corner to corner, as in inference.
    init(whole count: Int, at start: Int, side: Int, of length: Int) {
        self.start = start
        self.count = count
        first = 0
        step = count > 1 ? Double(length - 1) / Double(count - 1) : 0
        scale = Double(count) / Double(side)
        offset = Double(start) / Double(side)
    }

    /// Mirrored, in an input of `side`.
    func mirrored(side: Int) -> ViewAxis {
        var axis = self
        axis.start = side - start - count
        axis.first = first + step * Double(count - 1)
        axis.step = -step
        axis.scale = -scale
        axis.offset = 1 - offset
        return axis
    }

    /// Made for an input of `own` pixels, and shown `distance` further on in one of `side`.
    func moved(by distance: Int, from own: Int, to side: Int) -> ViewAxis {
        var axis = self
        axis.start += distance
        axis.scale *= Double(own) / Double(side)
        axis.offset = (offset * Double(own) + Double(distance)) / Double(side)
        return axis
    }

    /// Both ends of a truth in the input, relative to it. Not clipped.
    func ends(center: Double, size: Double) -> (low: Double, high: Double) {
        let ends = (scale * (center - size / 2) + offset, scale * (center + size / 2) + offset)
        return (min(ends.0, ends.1), max(ends.0, ends.1))
    }
}

/// Where a picture lies in the network's input.
struct View: Hashable {
    var columns: ViewAxis
    var rows: ViewAxis
    /// Beyond the picture's edge its last pixels go on; else it ends in black.
    var repeatsEdge: Bool

    func mirrored(width: Int) -> View {
        View(columns: columns.mirrored(side: width), rows: rows, repeatsEdge: repeatsEdge)
    }

    /// The truths that can be seen within `bounds`, cut off at its edges.
    ///
    /// - Parameter leastPart: of its area that an object must show.
    func boxes(of truths: [Truth], within bounds: Bounds = Bounds(), leastPart: Double = 0) -> [TrainingBox] {
        truths.compactMap { truth in
            // Neither says where one object is, and evaluation does not ask for them.
            guard truth.isTrained else { return nil }
            let x = columns.ends(center: truth.box.x, size: truth.box.width)
            let y = rows.ends(center: truth.box.y, size: truth.box.height)
            let left = min(max(x.low, bounds.left), bounds.right)
            let right = min(max(x.high, bounds.left), bounds.right)
            let top = min(max(y.low, bounds.top), bounds.bottom)
            let bottom = min(max(y.high, bounds.top), bounds.bottom)
            let (width, height) = (right - left, bottom - top)
            // False also for what is no number.
            guard width >= Self.leastSide, height >= Self.leastSide,
                width * height >= leastPart * (x.high - x.low) * (y.high - y.low)
            else { return nil }
            return TrainingBox(
                classID: truth.classID, x: Float((left + right) / 2), y: Float((top + bottom) / 2),
                width: Float(width), height: Float(height))
        }
    }

    /// Objects narrower or lower than this part of the input are left out.
    private static let leastSide = 0.001

    /// A part of the input, relative to it.
    struct Bounds: Hashable {
        var left = 0.0
        var top = 0.0
        var right = 1.0
        var bottom = 1.0
    }
}

/// A scaled, turned and moved picture: pixel (x, y) of the input shows (`across` · (x, y, 1), `down` · (x, y, 1)) of the
/// picture, in its pixels.
struct TurnedView: Hashable {
    var across: SIMD3<Double>
    var down: SIMD3<Double>

    /// - Parameters:
    ///   - scale: pixels of the input to one of the picture, down; across it is `aspect` times that.
    ///   - angle: radians.
    ///   - shift: pixels of the input from the picture's middle to the input's.
    init(
        scale: Double, aspect: Double, angle: Double, shift: (x: Double, y: Double), size: (width: Int, height: Int),
        of picture: (width: Int, height: Int)
    ) {
        let (cosine, sine) = (cos(angle), sin(angle))
        let left = shift.x - Double(size.width) / 2
        let top = shift.y - Double(size.height) / 2
        across = [cosine, -sine, cosine * left - sine * top] / (scale * aspect)
        down = [sine, cosine, sine * left + cosine * top] / scale
        across.z += Double(picture.width) / 2
        down.z += Double(picture.height) / 2
    }

    func mirrored(width: Int) -> TurnedView {
        var view = self
        for axis in [\TurnedView.across, \.down] {
            view[keyPath: axis].z += view[keyPath: axis].x * Double(width - 1)
            view[keyPath: axis].x.negate()
        }
        return view
    }
}
