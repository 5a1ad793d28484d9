import CKernels
import Darknet
import Media

/// A street that never was, as a fixed camera sees it, with all that is to be found in each picture.
///
/// A picture depends on the options and its index alone: any order, no end, no growth. One thread at a time.
public final class Street {
    public let options: StreetOptions

    private let place: Place
    private let canvas: Canvas
    private let painter: Painter
    private let map: IdentityMap
    private let sensor: Sensor
    private let shake: Shake
    private let frames: FrameMaker
    private let fixtures: [Layer]

    /// Indices beyond it are centuries away, and no longer told apart.
    public static let indices = 0..<1 << 40

    /// Identities of the map.
    private static let mostActors = 255
    /// Rows of the identity map to a 16:9 picture: fewer than a large picture's, more than a small one's.
    private static let mapRows = 360.0...720.0

    public init(_ options: StreetOptions) throws {
        try options.check()
        self.options = options
        let place = Place(seed: options.seed)
        self.place = place
        let unit = max(Double(options.height), Double(options.width) * 9 / 16)
        canvas = Canvas(width: options.width, height: options.height, unit: unit, roll: place.roll)
        let mapUnit = min(max(unit, Self.mapRows.lowerBound), Self.mapRows.upperBound)
        map = try IdentityMap(
            Canvas(
                width: Int((Double(options.width) * mapUnit / unit).rounded()),
                height: Int((Double(options.height) * mapUnit / unit).rounded()), unit: mapUnit, roll: place.roll))
        let things = place.fixtures.map { Thing($0.furniture, place.view, x: $0.x, depth: $0.depth) }
        let (canvas, mapCanvas) = (canvas, map.canvas)
        fixtures = try things.map { thing in
            let still = try Still(thing, canvas, map: mapCanvas, light: place.light.tone)
            return Layer(thing: thing, identity: 0, still: still)
        }
        painter = try Painter(place, canvas, fixtures: things, seed: options.seed)
        sensor = Sensor(place, Dice(options.seed, 6))
        shake = Shake(Dice(options.seed, 5))
        frames = try FrameMaker(width: options.width, height: options.height, frameRate: options.frameRate)
    }

    /// - Parameter index: from 0, at the options' rate; of `indices`.
    public func picture(at index: Int) throws -> StreetPicture {
        let (layers, offset, objects) = try survey(index)
        let scene = painter.paint(layers, rain: Dice(options.seed, 7, index))
        let moved = Point(Double(canvas.margin), Double(canvas.margin)) + offset * canvas.unit
        var grain = Dice(options.seed, 8, index)
        let seed = grain.next()
        let frame = try frames.frame(index) { pixels, stride in
            sensor.expose(
                scene, offset: moved,
                into: lk_plane(pixels: pixels, stride: stride, width: options.width, height: options.height), seed: seed
            )
        }
        return StreetPicture(frame: frame, objects: objects)
    }

    /// Who is in a picture, where the camera points, and what is seen of them, without painting anything.
    func survey(_ index: Int) throws -> (layers: [Layer], offset: Point, objects: [StreetObject]) {
        guard Self.indices.contains(index) else {
            throw StreetError(
                "street: there is no picture \(index): they count from 0 to \(Self.indices.upperBound - 1)")
        }
        let time = Double(index) / Double(options.frameRate)
        let actors = place.actors(at: time, seed: options.seed).suffix(Self.mostActors)
        let offset = shake.offset(at: time)

        let layers = layers(actors)
        map.clear()
        for layer in layers { try map.add(layer) }
        return (layers, offset, objects(actors, offset: offset))
    }

    /// Actors and fixtures, from far to near. Actors are identified from 1 on.
    private func layers(_ actors: ArraySlice<Actor>) -> [Layer] {
        let moving = actors.enumerated().map { number, actor in
            let thing = Thing(
                actor.figure(place.light), place.view, x: actor.x, depth: actor.depth,
                isMirrored: actor.heading == .left)
            return Layer(thing: thing, identity: UInt8(number + 1))
        }
        return (moving + fixtures).sorted { ($0.thing.depth, $1.identity) > ($1.thing.depth, $0.identity) }
    }

    private func objects(_ actors: ArraySlice<Actor>, offset: Point) -> [StreetObject] {
        let scale = canvas.unit / map.canvas.unit
        return zip(actors, map.seen(actors.count, offset: offset)).compactMap { actor, seen in
            guard let seen else { return nil }
            let (left, top) = (seen.left * scale, seen.top * scale)
            let (right, bottom) = (
                min(seen.right * scale, Double(options.width)), min(seen.bottom * scale, Double(options.height))
            )
            guard right > left, bottom > top else { return nil }
            return StreetObject(
                kind: actor.kind, x: left, y: top, width: right - left, height: bottom - top, visible: seen.share,
                isTruth: StreetTruth.holds(
                    width: right - left, height: bottom - top, visible: seen.share,
                    pictureHeight: Double(options.height)))
        }
    }
}
