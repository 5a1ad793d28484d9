import TestSupport
import Testing

@testable import Annotation

@Suite struct LabelPlacesTests {
    static let geometry = GeometryTests.geometry(101, 75)

    static func label(_ box: PixelRect, width: Int = 40, height: Int = 16) -> UnplacedLabel {
        UnplacedLabel(box: box, width: width, height: height)
    }

    static func place(_ box: PixelRect, width: Int = 40, height: Int = 16) -> [PixelRect] {
        geometry.places(of: [label(box, width: width, height: height)])
    }

    @Test func labelsGoAboveInsideOrLeft() {
        let box = PixelRect(left: 20, top: 30, right: 60, bottom: 70)
        #expect(Self.place(box) == [PixelRect(left: 20, top: 14, right: 60, bottom: 30)])
        let high = PixelRect(left: 20, top: 10, right: 60, bottom: 70)
        #expect(Self.place(high) == [PixelRect(left: 20, top: 10, right: 60, bottom: 26)])
        let right = PixelRect(left: 90, top: 30, right: 101, bottom: 70)
        #expect(Self.place(right) == [PixelRect(left: 60, top: 14, right: 100, bottom: 30)])
        #expect(Self.place(right, width: 102, height: 90) == [PixelRect(left: 0, top: 30, right: 101, bottom: 75)])
    }

    @Test func eachTakesTheNextFreePlace() {
        let box = PixelRect(left: 20, top: 20, right: 80, bottom: 50)
        let labels = [UnplacedLabel](repeating: Self.label(box, width: 30), count: 7)
        let expected = [(20, 4), (50, 4), (20, 20), (50, 20), (20, 50), (50, 50), (20, 4)].map { left, top in
            PixelRect(left: left, top: top, right: left + 30, bottom: top + 16)
        }
        #expect(Self.geometry.places(of: labels) == expected, "the last finds none, and shares the first's")
    }

    @Test func placesDoNotDependOnConfidence() {
        let labels = [(20, 30), (26, 34), (70, 32)].map { left, top in
            Self.label(PixelRect(left: left, top: top, right: left + 30, bottom: top + 24), width: 28)
        }
        let places = Self.geometry.places(of: labels)
        #expect(Self.geometry.places(of: labels.reversed()) == places.reversed())
    }

    @Test func theCutPlaceAtThePicturesEndIsNotFree() {
        let low = [60, 62].map { Self.label(PixelRect(left: 10, top: $0, right: 50, bottom: 75)) }
        let places = Self.geometry.places(of: low)
        #expect(places.allSatisfy { $0.height == 16 }, "\(places)")
    }

    @Test func thoseBehindTheSurestAreNotKeptApart() {
        let geometry = GeometryTests.geometry(4000, 4000)
        let most = Geometry.mostKeptApart
        let sure = (0..<most).map { index in
            let (left, top) = (index % 20 * 100, 100 + index / 20 * 100)
            return Self.label(PixelRect(left: left, top: top, right: left + 50, bottom: top + 50))
        }
        let free = PixelRect(left: 3000, top: 3000, right: 3050, bottom: 3050)
        let twins = [Self.label(free), Self.label(free)]
        #expect(Set(geometry.places(of: Array(sure.dropLast(2)) + twins).suffix(2).map(\.top)) == [2984, 3000])
        #expect(Set(geometry.places(of: sure + twins).suffix(2).map(\.top)) == [2984])
    }

    @Test func placesStayInsideAndOnTheGrid() {
        var random = SplitMix64(seed: 7)
        let labels = (0..<500).map { _ in
            let (left, top) = (Int.random(in: 0..<50, using: &random) * 2, Int.random(in: 0..<37, using: &random) * 2)
            return Self.label(
                PixelRect(left: left, top: top, right: min(left + 20, 101), bottom: min(top + 30, 75)), width: 24,
                height: 12)
        }
        for place in Self.geometry.places(of: labels) {
            #expect(place.left >= 0 && place.top >= 0 && place.right <= 101 && place.bottom <= 75 && !place.isEmpty)
            #expect(place.left % 2 == 0 && place.top % 2 == 0)
        }
    }
}
