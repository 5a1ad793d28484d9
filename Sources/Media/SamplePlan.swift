import CFFmpeg
import CKernels

/// All that sampling pictures of one layout to one size takes. Made once for all that are alike; the only owner of its
/// memory. Not thread safe: it holds the row in work.
final class SamplePlan {
    private let isWide: Bool
    private let kernel: lk_sample_kernel
    private let width: Int
    private let height: Int
    private var colours: lk_colours
    /// One for each plane; what holds several components is blended once for all of them.
    private var lines: [Line]
    private let columns: [Taps]
    /// Three, which point into `lines` and `columns`.
    private let components: UnsafeMutablePointer<lk_component>

    init(_ layout: SampleLayout, width: Int, height: Int, kernel: lk_sample_kernel) {
        isWide = layout.isWide
        self.kernel = kernel
        self.width = width
        self.height = height
        colours = layout.matrix.colours
        let bytes = isWide ? 2 : 1
        var lines: [Line] = []
        for component in layout.components where !lines.contains(where: { $0.holds(component) }) {
            let last = layout.components.filter { $0.plane == component.plane }.map(\.last).max() ?? 0
            lines.append(Line(component, count: last / bytes + 1, height: height))
        }
        columns = layout.components.map { Taps($0.across, count: width, stride: $0.step / bytes) }
        components = .allocate(capacity: 3)
        for (index, (component, taps)) in zip(layout.components, columns).enumerated() {
            guard let line = lines.first(where: { $0.holds(component) }) else { continue }
            (components + index).initialize(
                to: lk_component(
                    line: line.samples + component.offset / bytes, first: taps.first, share: taps.share,
                    next: taps.next))
        }
        self.lines = lines
    }

    deinit {
        for line in lines { line.deallocate() }
        for taps in columns { taps.deallocate() }
        components.deallocate()
    }

    /// Takes the picture that is sampled next, which must stay until then. `false`: it lacks a plane.
    func take(_ frame: Frame) -> Bool {
        for index in lines.indices {
            guard let plane = frame.planes[lines[index].plane] else { return false }
            lines[index].start = UnsafePointer(plane)
            lines[index].stride = Int(frame.lineSizes[lines[index].plane])
        }
        return true
    }

    /// Floats, 0...1. See `RGBSampler.sample`.
    func sample(into values: UnsafeMutablePointer<Float>, rowStride: Int, planeStride: Int) {
        for row in 0..<height {
            blend(row)
            let red = values + row * rowStride
            lk_colour_floats(
                kernel, components, &colours, width, red, red + planeStride, red + 2 * planeStride)
        }
    }

    /// Red, green, blue and 0. See `RGBSampler.sample`.
    func sample(into pixels: UnsafeMutablePointer<UInt8>, rowStride: Int) {
        for row in 0..<height {
            blend(row)
            lk_colour_bytes(kernel, components, &colours, width, pixels + row * rowStride)
        }
    }

    private func blend(_ row: Int) {
        for line in lines {
            guard let start = line.start else { return }
            let upper = start + Int(line.rows.first[row]) * line.stride
            let lower = upper + line.rows.next * line.stride
            let share = line.rows.share[row]
            if isWide {
                lk_blend_words(kernel, line.samples, upper, lower, share, line.count)
            } else {
                lk_blend_bytes(kernel, line.samples, upper, lower, share, line.count)
            }
        }
    }
}

/// Two rows of a plane, blended.
private struct Line {
    let plane: Int
    let down: SampleLayout.Axis
    let rows: Taps
    let samples: UnsafeMutablePointer<Float>
    let count: Int
    /// Of the picture in work: the plane, and bytes from row to row.
    var start: UnsafePointer<UInt8>?
    var stride = 0

    init(_ component: SampleLayout.Component, count: Int, height: Int) {
        plane = component.plane
        down = component.down
        rows = Taps(component.down, count: height, stride: 1)
        self.count = count
        samples = .allocate(capacity: count)
    }

    func holds(_ component: SampleLayout.Component) -> Bool { plane == component.plane && down == component.down }

    func deallocate() {
        rows.deallocate()
        samples.deallocate()
    }
}

/// The two neighbouring samples that each result lies between, in one direction. Owned by who made it.
private struct Taps {
    /// Distance of the first sample of each two from the first of all. Filled up to whole vectors.
    let first: UnsafeMutablePointer<Int32>
    /// The second sample's share.
    let share: UnsafeMutablePointer<Float>
    /// Distance from the first of each two to the second; 0 where there is but one sample in all.
    let next: Int

    init(_ axis: SampleLayout.Axis, count: Int, stride: Int) {
        next = axis.samples > 1 ? stride : 0
        let capacity = count + Int(lk_sample_lanes)
        first = .allocate(capacity: capacity)
        share = .allocate(capacity: capacity)
        first.initialize(repeating: 0, count: capacity)
        share.initialize(repeating: 0, count: capacity)
        for index in 0..<count {
            let position = count > 1 ? Double(index) * Double(axis.pixels - 1) / Double(count - 1) : 0
            let sample = min(max(0, (position - axis.start) / axis.pitch), Double(axis.samples - 1))
            // The last sample of all is the second of its two.
            let left = min(Int(sample), max(0, axis.samples - 2))
            first[index] = Int32(left * stride)
            share[index] = Float(sample - Double(left))
        }
    }

    func deallocate() {
        first.deallocate()
        share.deallocate()
    }
}

extension SampleLayout.Component {
    /// Bytes from the row's start to the last sample.
    fileprivate var last: Int { offset + (across.samples - 1) * step }
}

extension ColorMatrix {
    fileprivate var colours: lk_colours {
        let row = { (factors: SIMD4<Float>) in (factors.x, factors.y, factors.z, factors.w) }
        return lk_colours(red: row(red), green: row(green), blue: row(blue))
    }
}
