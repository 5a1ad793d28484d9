import Media

/// What moves on the street: the classes of its detector, in the order of their ids.
public enum StreetKind: Int, CaseIterable, Hashable, Sendable {
    case person
    /// Rider and bicycle together.
    case cyclist
    case car, van, dog

    public var name: String {
        switch self {
        case .person: "person"
        case .cyclist: "cyclist"
        case .car: "car"
        case .van: "van"
        case .dog: "dog"
        }
    }
}

/// One thing in a picture of the street, as it is seen.
public struct StreetObject: Hashable, Sendable {
    public var kind: StreetKind
    /// The extents of what can be seen of it, in pixels of the picture, never beyond it. Shadows, reflections and leads
    /// do not count; an umbrella and a bag do.
    public var x: Double
    public var y: Double
    public var width: Double
    public var height: Double
    /// How much of its silhouette can be seen, 0...1; what lies beyond the picture's edges counts as hidden.
    public var visible: Double
    /// Large and visible enough that a detector is to find it. See `StreetTruth`.
    public var isTruth: Bool
}

/// The rule for what a detector must find: the one place where it stands.
public enum StreetTruth {
    /// The least part of the silhouette that must be seen.
    public static let leastVisible = 0.35
    /// The least height of what is seen, as a share of the picture's height: 22.5 pixels of 720, 9 of 288.
    public static let leastHeight = 1.0 / 32
    /// The least width of what is seen, as a share of the picture's height: 8 pixels at 720, which
    /// a slim walker far away has whose legs pass each other.
    public static let leastWidth = 1.0 / 90

    static func holds(width: Double, height: Double, visible: Double, pictureHeight: Double) -> Bool {
        visible >= leastVisible && height >= leastHeight * pictureHeight && width >= leastWidth * pictureHeight
    }
}

/// One picture of the street with all that is to be seen in it.
public struct StreetPicture: Sendable {
    /// yuv420p in limited range, as a decoder gives it.
    public var frame: Frame
    /// Everything that shows at least a pixel, from far to near.
    public var objects: [StreetObject]
}
