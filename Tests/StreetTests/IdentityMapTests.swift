import CPango
import Testing

@testable import Street

@Suite struct IdentityMapTests {
    private let view = View(depth: 18, near: 0.95, far: 0.35, nearScale: 0.18, farScale: 0.06)
    private let canvas = Canvas(width: 640, height: 360, unit: 360, roll: 0)

    /// A daylight figure drawn in colours covers what its silhouette does.
    @Test(arguments: StreetKind.allCases) func `a silhouette is what is seen`(_ kind: StreetKind) throws {
        for seed in 1...12 as ClosedRange<UInt64> {
            let actor = Actor(
                kind: kind, x: 0, depth: 6, heading: seed.isMultiple(of: 3) ? .toward : .right, look: Dice(seed),
                travelled: Double(seed) * 0.37, speed: 1.3)
            let thing = Thing(actor.figure(.daylight), view, x: 0, depth: 6)
            let surface = try Surface(CAIRO_FORMAT_ARGB32, width: canvas.width, height: canvas.height)
            let all = PixelArea(x: 0, y: 0, right: canvas.width, bottom: canvas.height)
            thing.draw(Brush(surface), all, of: canvas)
            var (left, top, right, bottom) = (Int.max, Int.max, Int.min, Int.min)
            surface.read { pixels in
                for y in 0..<surface.height {
                    for x in 0..<surface.width where pixels[y * surface.stride + 4 * x + 3] >= 128 {
                        (left, top, right, bottom) = (min(left, x), min(top, y), max(right, x + 1), max(bottom, y + 1))
                    }
                }
            }
            let map = try IdentityMap(canvas)
            map.clear()
            try map.add(Layer(thing: thing, identity: 1))
            let seen = try #require(map.seen(1, offset: Point(0, 0))[0])
            let margin = Double(canvas.margin)
            for (drawn, counted) in [
                (left, seen.left), (top, seen.top), (right, seen.right), (bottom, seen.bottom),
            ] {
                #expect(abs(Double(drawn) - margin - counted) <= 1, "\(kind) \(seed)")
            }
            #expect(seen.share == 1)
            let reach = canvas.extent(thing)
            #expect(reach.x < left && reach.right > right && reach.y < top && reach.bottom > bottom)
        }
    }

    @Test func `the near one hides the far one`() throws {
        let map = try IdentityMap(canvas)
        map.clear()
        let walker = Actor(
            kind: .person, x: 0, depth: 15, heading: .right, look: Dice(4), travelled: 3, speed: 1.3
        ).figure(.daylight)
        let van = Actor(kind: .van, x: 0, depth: 5, heading: .right, look: Dice(4), travelled: 3, speed: 6)
            .figure(.daylight)
        // Behind the van's middle, and behind its front edge.
        try map.add(Layer(thing: Thing(walker, view, x: 0, depth: 15), identity: 1))
        try map.add(Layer(thing: Thing(walker, view, x: 9, depth: 15), identity: 2))
        try map.add(Layer(thing: Thing(van, view, x: 0, depth: 5), identity: 3))
        let seen = map.seen(3, offset: Point(0, 0))
        #expect(seen[1]?.share == 1)
        #expect(seen[2]?.share == 1)
        #expect((seen[0]?.share ?? 0) < 0.5)
    }

    @Test func `what lies beyond the edge is hidden`() throws {
        let map = try IdentityMap(canvas)
        map.clear()
        let car = Actor(kind: .car, x: 0, depth: 8, heading: .right, look: Dice(2), travelled: 0, speed: 6)
            .figure(.daylight)
        try map.add(Layer(thing: Thing(car, view, x: -view.halfWidth(8), depth: 8), identity: 1))
        try map.add(Layer(thing: Thing(car, view, x: 40, depth: 8), identity: 2))
        let seen = map.seen(2, offset: Point(0, 0))
        let half = try #require(seen[0])
        #expect(half.left == 0 && half.right > 20)
        #expect(abs(half.share - 0.5) < 0.12)
        #expect(seen[1] == nil)
    }

    @Test func `shaking moves the boxes`() throws {
        let map = try IdentityMap(canvas)
        map.clear()
        let dog = Actor(kind: .dog, x: 0, depth: 2, heading: .right, look: Dice(2), travelled: 0, speed: 1)
            .figure(.daylight)
        try map.add(Layer(thing: Thing(dog, view, x: 0, depth: 2), identity: 1))
        let still = try #require(map.seen(1, offset: Point(0, 0))[0])
        let moved = try #require(map.seen(1, offset: Point(1.5, -0.75) / canvas.unit)[0])
        #expect(abs(still.left - moved.left - 1.5) < 1e-9)
        #expect(abs(still.top - moved.top + 0.75) < 1e-9)
    }
}

extension Light {
    /// Dry, with lamps off.
    fileprivate static var daylight: Light {
        var seed: UInt64 = 0
        while Light(Dice(seed)).hour != .noon { seed += 1 }
        return Light(Dice(seed))
    }
}
