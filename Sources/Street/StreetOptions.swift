/// Which street, and how its camera takes it.
public struct StreetOptions: Hashable, Sendable {
    /// Chooses everything: the place, the light, the weather, the camera, who comes by and when.
    public var seed: UInt64 = 1
    /// Pixels across and down: even, from 64 to 4096. The same street at any size; another shape than 16:9 sees the
    /// middle of it.
    public var width = 1280
    public var height = 720
    /// Pictures a second, 1...120. The same scene at any rate.
    public var frameRate = 25

    public init(seed: UInt64 = 1, width: Int = 1280, height: Int = 720, frameRate: Int = 25) {
        (self.seed, self.width, self.height, self.frameRate) = (seed, width, height, frameRate)
    }

    static let sizes = 64...4096
    static let frameRates = 1...120

    func check() throws(StreetError) {
        for (name, value) in [("width", width), ("height", height)] {
            guard Self.sizes.contains(value), value.isMultiple(of: 2) else {
                throw StreetError(
                    "street: \(name) \(value) is not an even number from \(Self.sizes.lowerBound) to "
                        + "\(Self.sizes.upperBound)")
            }
        }
        guard Self.frameRates.contains(frameRate) else {
            throw StreetError(
                "street: \(frameRate) frames a second is not from \(Self.frameRates.lowerBound) to "
                    + "\(Self.frameRates.upperBound)")
        }
    }
}

/// Why there is no such street, or no picture of it.
public struct StreetError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    init(_ description: String) { self.description = description }
}
