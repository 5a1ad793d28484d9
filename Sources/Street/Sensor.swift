import CKernels

/// The camera's lens and sensor: where it points at this moment, how sharp it is, and its noise.
struct Sensor {
    private let blur: Double
    private let noise: [Int8]

    /// Each row of a picture reads its noise from a place of its own in as many numbers.
    private static let noiseCount = 1 << 16

    init(_ place: Place, _ dice: Dice) {
        var dice = dice
        blur = place.blur
        let deviation = place.light.noise
        noise = (0..<Self.noiseCount).map { _ in
            // Four uniform numbers' sum is near enough to a Gaussian; its variance is a third.
            let sum = dice.real(-1, 1) + dice.real(-1, 1) + dice.real(-1, 1) + dice.real(-1, 1)
            return Int8(min(127, max(-127, (sum * deviation * 0.866).rounded())))
        }
    }

    /// - Parameter offset: of the picture in the scene, in pixels.
    func expose(_ scene: Surface, offset: Point, into picture: lk_plane, seed: UInt64) {
        let (x, y) = (offset.x.rounded(), offset.y.rounded())
        scene.read { pixels in
            lk_street_expose(
                scene.plane(pixels), picture, Int(x), Int(y), weights(offset.x - x, sum: 128),
                weights(offset.y - y, sum: 64), noise,
                noise.count, seed)
        }
    }

    /// Of three pixels in a row, for a place `shift` (-0.5...0.5) beyond the middle one.
    private func weights(_ shift: Double, sum: Double) -> [UInt16] {
        let before = ((blur + max(0, -shift)) * sum).rounded()
        let after = ((blur + max(0, shift)) * sum).rounded()
        return [before, max(0, sum - before - after), after].map { UInt16($0) }
    }
}
