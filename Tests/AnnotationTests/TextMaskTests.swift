import Testing

@testable import Annotation

@Suite struct TextMaskTests {
    static let plane = AlphaPlane(width: 4, height: 2, samples: [0, 255, 10, 20, 255, 255, 30, 41])

    @Test func averagesBlocks() {
        #expect(Self.plane.averaged(shiftX: 1, shiftY: 1) == AlphaPlane(width: 2, height: 1, samples: [191, 25]))
        #expect(
            Self.plane.averaged(shiftX: 1, shiftY: 0)
                == AlphaPlane(width: 2, height: 2, samples: [128, 15, 255, 36]))
        #expect(
            Self.plane.averaged(shiftX: 0, shiftY: 1)
                == AlphaPlane(width: 4, height: 1, samples: [128, 255, 20, 31]))
        #expect(Self.plane.averaged(shiftX: 0, shiftY: 0) == Self.plane)
    }
}
