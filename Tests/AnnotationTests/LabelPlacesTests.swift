import TestSupport
import Testing

@testable import Annotation

@Suite struct LabelPlacesTests {
    static let geometry = GeometryTests.geometry(101, 75)

    static func place(width: Int = 40, height: Int = 16, _ box: PixelRect) -> PixelRect {
        var places = LabelPlaces(geometry)
        return places.place(width: width, height: height, at: box)
    }

    @Test func labelsGoAboveInsideOrLeft() {
        let box = PixelRect(left: 20, top: 30, right: 60, bottom: 70)
        #expect(Self.place(box) == PixelRect(left: 20, top: 14, right: 60, bottom: 30))
        let high = PixelRect(left: 20, top: 10, right: 60, bottom: 70)
        #expect(Self.place(high) == PixelRect(left: 20, top: 10, right: 60, bottom: 26))
        let right = PixelRect(left: 90, top: 30, right: 101, bottom: 70)
        #expect(Self.place(right) == PixelRect(left: 60, top: 14, right: 100, bottom: 30))
        #expect(Self.place(width: 102, height: 90, right) == PixelRect(left: 0, top: 30, right: 101, bottom: 75))
    }

    @Test func eachTakesTheNextFreePlace() {
        var places = LabelPlaces(Self.geometry)
        let box = PixelRect(left: 20, top: 20, right: 80, bottom: 50)
        let taken = (0..<7).map { _ in places.place(width: 30, height: 16, at: box) }
        let expected = [(20, 4), (50, 4), (20, 20), (50, 20), (20, 50), (50, 50), (20, 4)].map { left, top in
            PixelRect(left: left, top: top, right: left + 30, bottom: top + 16)
        }
        #expect(taken == expected, "the last finds none and lies beneath the first")
    }

    @Test func manyLabelsStayInsideAndAreNotSearchedForEver() {
        var random = SplitMix64(seed: 7)
        var places = LabelPlaces(Self.geometry)
        for _ in 0..<5000 {
            let (left, top) = (Int.random(in: 0..<50, using: &random) * 2, Int.random(in: 0..<37, using: &random) * 2)
            let box = PixelRect(left: left, top: top, right: min(left + 20, 101), bottom: min(top + 30, 75))
            let place = places.place(width: 24, height: 12, at: box)
            #expect(place.left >= 0 && place.top >= 0 && place.right <= 101 && place.bottom <= 75 && !place.isEmpty)
            #expect(place.left % 2 == 0 && place.top % 2 == 0)
        }
    }
}
