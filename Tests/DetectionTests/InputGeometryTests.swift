import Detection
import Testing

@Suite struct InputGeometryTests {
    struct Case: Sendable {
        var source: (Int, Int)
        var input: (Int, Int)
        var content: (Int, Int)
        var offset: (Int, Int)
    }

    /// Check C15 of the spec.
    @Test(arguments: [
        Case(source: (768, 576), input: (416, 416), content: (416, 312), offset: (0, 52)),
        Case(source: (500, 375), input: (416, 416), content: (416, 312), offset: (0, 52)),
        Case(source: (375, 500), input: (416, 416), content: (312, 416), offset: (52, 0)),
        Case(source: (640, 424), input: (416, 416), content: (416, 275), offset: (0, 70)),
        Case(source: (640, 424), input: (608, 608), content: (608, 402), offset: (0, 103)),
        Case(source: (1280, 720), input: (416, 416), content: (416, 234), offset: (0, 91)),
        Case(source: (353, 500), input: (544, 544), content: (384, 544), offset: (80, 0)),
        Case(source: (640, 480), input: (416, 256), content: (341, 256), offset: (37, 0)),
    ])
    func letterbox(_ expected: Case) {
        let geometry = InputGeometry(
            sourceWidth: expected.source.0, sourceHeight: expected.source.1, inputWidth: expected.input.0,
            inputHeight: expected.input.1, mode: .letterbox)
        #expect((geometry.contentWidth, geometry.contentHeight) == expected.content)
        #expect((geometry.offsetX, geometry.offsetY) == expected.offset)
    }

    /// Check C16.
    @Test func boxesOfTheSource() {
        let wide = geometry(500, 375)
        expectClose(wide.sourceBox(Box(x: 0.5, y: 0.5, width: 0.25, height: 0.25)), (0.5, 0.5, 0.25, 0.333333))
        expectClose(wide.sourceBox(Box(x: 0.3, y: 0.4, width: 0.2, height: 0.1)), (0.3, 0.366667, 0.2, 0.133333))
        let odd = geometry(640, 424)
        expectClose(odd.sourceBox(Box(x: 0.5, y: 0.25, width: 0.5, height: 0.3)), (0.5, 0.121818, 0.5, 0.453818))
    }

    /// Pixels twice as wide as high: 720x1152 are shown as 1440x1152.
    @Test func pixelAspect() {
        let geometry = InputGeometry(
            sourceWidth: 720, sourceHeight: 1152, pixelAspect: 2, inputWidth: 416, inputHeight: 416, mode: .letterbox)
        #expect((geometry.contentWidth, geometry.contentHeight) == (416, 332))
    }

    @Test func stretching() {
        let geometry = InputGeometry(
            sourceWidth: 640, sourceHeight: 424, inputWidth: 416, inputHeight: 256, mode: .stretch)
        #expect((geometry.contentWidth, geometry.contentHeight) == (416, 256))
        #expect((geometry.offsetX, geometry.offsetY) == (0, 0))
        let box = Box(x: 0.3, y: 0.4, width: 0.2, height: 0.1)
        expectClose(geometry.sourceBox(box), (0.3, 0.4, 0.2, 0.1))
    }

    /// A content of no pixels would leave nothing to look at, and boxes without a size.
    @Test(arguments: [(1, 10_000), (10_000, 1), (1, 1), (1, 65_535)])
    func extremeShapes(width: Int, height: Int) {
        let geometry = geometry(width, height)
        #expect((1...416).contains(geometry.contentWidth) && (1...416).contains(geometry.contentHeight))
        #expect(max(geometry.contentWidth, geometry.contentHeight) == 416)
        #expect(geometry.offsetX >= 0 && geometry.offsetX + geometry.contentWidth <= 416)
        #expect(geometry.offsetY >= 0 && geometry.offsetY + geometry.contentHeight <= 416)
        let box = geometry.sourceBox(Box(x: 0.5, y: 0.5, width: 0.1, height: 0.1))
        #expect(box.x.isFinite && box.y.isFinite && box.width.isFinite && box.height.isFinite)
    }

    private func geometry(_ width: Int, _ height: Int) -> InputGeometry {
        InputGeometry(sourceWidth: width, sourceHeight: height, inputWidth: 416, inputHeight: 416, mode: .letterbox)
    }
}
