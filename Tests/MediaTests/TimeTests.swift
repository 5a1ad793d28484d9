import Testing

@testable import Media

@Suite struct FrameClockTests {
    private let base = Rational(1, 1000)

    private func times(_ timestamps: [Int64?], duration: Rational?) -> [Int64] {
        var clock = FrameClock(nominalDuration: duration)
        return timestamps.map { clock.next($0, timeBase: base) }
    }

    @Test func `keeps rising timestamps`() {
        #expect(times([-40, 0, 7, 100], duration: Rational(1, 25)) == [-40, 0, 7, 100])
    }

    @Test func `fills in missing ones by the rate`() {
        #expect(times([nil, nil, 70, nil], duration: Rational(1, 50)) == [0, 20, 70, 90])
        #expect(times([nil, nil], duration: nil) == [0, 40])
    }

    @Test func `replaces those that go back or stand still`() {
        #expect(times([100, 100, 50, 150], duration: Rational(1, 100)) == [100, 110, 120, 150])
    }

    @Test(arguments: [Int64.max, 0x4000_0000_0000_0000, -0x7FFF_FFFF_FFFF_FFFF])
    func `passes over absurd ones`(_ absurd: Int64) {
        #expect(times([0, absurd, 80], duration: Rational(1, 25)) == [0, 40, 80])
        #expect(times([absurd, 40], duration: Rational(1, 25)) == [0, 40])
    }

    @Test func `rises by a tick at least`() {
        var clock = FrameClock(nominalDuration: Rational(1, 50))
        #expect([5, 5, 5].map { clock.next($0, timeBase: Rational(1, 1)) } == [5, 6, 7])
    }
}

@Suite struct RationalTests {
    @Test func `rescales to nearest`() {
        #expect(Rational(1, 25).rescale(3, to: Rational(1, 1000)) == 120)
        #expect(Rational(1, 90_000).rescale(3003, to: Rational(1, 1000)) == 33)
    }

    @Test func `has values only where they mean something`() {
        #expect(Rational(1, 0).value == 0)
        #expect(!Rational(0, 1).isPositive)
        #expect(!Rational(1, 0).isPositive)
        #expect(!Rational(-1, -1).isPositive)
        #expect(Rational(30_000, 1001).inverse == Rational(1001, 30_000))
        #expect(Rational(1, 25).description == "1/25")
    }
}

@Suite struct OrientationTests {
    /// (a, b, c, d) of the matrix; the picture is seen about its centre.
    @Test(
        arguments: [
            [1, 0, 0, 1], [-1, 0, 0, 1], [1, 0, 0, -1], [-1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0], [0, -1, 1, 0],
            [0, -1, -1, 0],
        ] as [[Int32]])
    func `does what the matrix says`(_ abcd: [Int32]) {
        let (a, b, c, d) = (abcd[0], abcd[1], abcd[2], abcd[3])
        let orientation = Orientation(matrix: [a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30])
        for (x, y) in [(-1, -1), (1, -1), (-1, 1)] as [(Int32, Int32)] {
            var place = orientation.transpose ? (y, x) : (x, y)
            if orientation.flipHorizontally { place.0 = -place.0 }
            if orientation.flipVertically { place.1 = -place.1 }
            #expect(place == (a * x + c * y, b * x + d * y))
        }
    }
}
