import Darknet
import DataSets
import Detection
import Testing

@testable import Training

@Suite struct PictureSamplerTests {
    private func picture(_ width: Int, _ height: Int) -> DecodedPicture {
        var random = SampleRandom(seed: 1, sample: width, purpose: .color)
        let size = PixelSize(width: width, height: height)
        return DecodedPicture(
            size: size, kept: size, planes: (0..<3 * width * height).map { _ in UInt8(random.below(256)) })
    }

    private func image(_ picture: DecodedPicture) -> RGBImage {
        RGBImage(
            width: picture.kept.width, height: picture.kept.height, values: picture.planes.map { Float($0) / 255 })
    }

    private func drawn(
        _ picture: DecodedPicture, _ view: View, _ input: PixelSize, _ shift: ColorShift = ColorShift()
    ) -> [Float] {
        canvas(input) { PictureSampler().draw(picture, view, shift, into: $0, part: $0.whole) }
    }

    private func canvas(_ input: PixelSize, _ body: (InputCanvas) -> Void) -> [Float] {
        [Float](unsafeUninitializedCapacity: 3 * input.width * input.height) { values, count in
            values.initialize(repeating: .nan)
            if let base = values.baseAddress { body(InputCanvas(values: base, size: input)) }
            count = values.count
        }
    }

    private func expectEqual(_ values: [Float], _ expected: [Float], within tolerance: Float = 1e-5) {
        #expect(values.count == expected.count)
        let worst = zip(values, expected).map { abs($0 - $1) }.max { $0 < $1 || $1.isNaN } ?? .nan
        #expect(worst < tolerance, "differs by \(worst)")
    }

    /// By the words of spec 7.6, one pixel at a time.
    private func placed(
        _ picture: DecodedPicture, x: Int, y: Int, width: Int, height: Int, flipped: Bool, in input: PixelSize
    ) -> [Float] {
        let (w0, h0) = (picture.size.width, picture.size.height)
        func sample(_ color: Int, _ column: Int, _ row: Int) -> Double {
            guard column >= 0, column < w0, row >= 0, row < h0 else { return 0 }
            return Double(picture.planes[(color * h0 + row) * w0 + column]) / 255
        }
        var result = [Float](repeating: 0.5, count: 3 * input.width * input.height)
        for color in 0..<3 {
            for row in 0..<height where (0..<input.height).contains(row + y) {
                for column in 0..<width where (0..<input.width).contains(column + x) {
                    let sx = Double(column) / Double(width) * Double(w0)
                    let sy = Double(row) / Double(height) * Double(h0)
                    let (left, top) = (Int(sx), Int(sy))
                    let (dx, dy) = (sx - Double(left), sy - Double(top))
                    let above = (1 - dx) * sample(color, left, top) + dx * sample(color, left + 1, top)
                    let below = (1 - dx) * sample(color, left, top + 1) + dx * sample(color, left + 1, top + 1)
                    let to = flipped ? input.width - 1 - column - x : column + x
                    result[(color * input.height + row + y) * input.width + to] = Float((1 - dy) * above + dy * below)
                }
            }
        }
        return result
    }

    @Test(arguments: [false, true]) func placedPicturesAreDarknets(flipped: Bool) {
        let input = PixelSize(width: 64, height: 49)
        for (width, height) in [(37, 29), (100, 61), (64, 49), (1, 1), (2, 90)] {
            let picture = picture(width, height)
            for (across, down, left, top) in [(64.0, 40.7, 0.0, 3.9), (30.5, 49, 20.2, 0), (80, 49, -9.5, 0)] {
                let view = View(
                    columns: ViewAxis(placed: across, at: left, side: input.width, of: width),
                    rows: ViewAxis(placed: down, at: top, side: input.height, of: height), repeatsEdge: false)
                expectEqual(
                    drawn(picture, flipped ? view.mirrored(width: input.width) : view, input),
                    placed(
                        picture, x: Int(left), y: Int(top), width: Int(across), height: Int(down), flipped: flipped,
                        in: input))
            }
        }
    }

    /// The crop with its edges repeated, as a picture of its own, resized by the reference.
    @Test func croppedPicturesAreDarknets() {
        let input = PixelSize(width: 64, height: 49)
        let (width, height) = (90, 70)
        let picture = picture(width, height)
        for (left, right, top, bottom) in [(10, 5, 3, 20), (-12, 7, -9, -30), (18, -18, 14, -14), (0, 0, 0, 0)] {
            let (w, h) = (width - left - right, height - top - bottom)
            var values: [Float] = []
            for color in 0..<3 {
                for row in 0..<h {
                    for column in 0..<w {
                        let x = min(max(column + left, 0), width - 1)
                        let y = min(max(row + top, 0), height - 1)
                        values.append(Float(picture.planes[(color * height + y) * width + x]) / 255)
                    }
                }
            }
            let view = Augmentation.crop(picture.size, input, left: left, right: right, top: top, bottom: bottom)
            let expected = ReferenceResampler.resize(
                RGBImage(width: w, height: h, values: values), width: input.width, height: input.height)
            expectEqual(drawn(picture, view, input), expected.values)
        }
    }

    @Test(arguments: ResizeMode.allCases) func plainPicturesAreAsInInference(mode: ResizeMode) {
        let input = InputImage(width: 64, height: 64)
        let net = NetOptions(width: 64, height: 64)
        for (width, height) in [(90, 70), (31, 77), (64, 64), (200, 20)] {
            let picture = picture(width, height)
            ReferenceResampler.prepare(image(picture), into: input, mode: mode)
            var random = SampleRandom(seed: 0, sample: 0, purpose: .placement)
            let view = Augmentation.none(net: net, region: Region(), resize: mode).view(
                of: picture.size, in: PixelSize(width: 64, height: 64), &random)
            // The reference's own positions are floats.
            expectEqual(drawn(picture, view, PixelSize(width: 64, height: 64)), Array(input.values), within: 3e-5)
        }
    }

    /// Grey bars and all, as Darknet does.
    @Test func colorsChangeEverywhere() {
        let input = PixelSize(width: 40, height: 40)
        let size = PixelSize(width: 10, height: 10)
        let grey = DecodedPicture(size: size, kept: size, planes: [UInt8](repeating: 51, count: 300))
        let view = View(
            columns: ViewAxis(placed: 20, at: 10, side: 40, of: 10),
            rows: ViewAxis(placed: 20, at: 10, side: 40, of: 10), repeatsEdge: true)
        let values = drawn(grey, view, input, ColorShift(hue: 0.3, saturation: 2, value: 1.5))
        #expect(abs(values[0] - 0.75) < 1e-6 && abs(values[20 * 40 + 20] - 0.3) < 1e-6)
    }

    @Test func onlyThePartIsDrawn() {
        let (input, picture) = (PixelSize(width: 40, height: 30), picture(20, 20))
        let view = Augmentation.crop(picture.size, input, left: 0, right: 0, top: 0, bottom: 0)
        let shift = ColorShift(hue: 0.2, saturation: 1.2, value: 0.9)
        let whole = drawn(picture, view, input, shift)
        let part = InputCanvas.Part(left: 7, top: 5, right: 30, bottom: 29)
        let values = canvas(input) { PictureSampler().draw(picture, view, shift, into: $0, part: part) }
        for index in values.indices {
            let (column, row) = (index % 40, index / 40 % 30)
            let isInside = (7..<30).contains(column) && (5..<29).contains(row)
            #expect(isInside ? values[index] == whole[index] : values[index].isNaN)
        }
    }

    /// Unturned, unscaled and centred it is the picture's middle; turned by a quarter, that turned.
    @Test func turnedPicturesAreTurned() {
        let (input, picture) = (PixelSize(width: 20, height: 20), picture(30, 24))
        let source = image(picture)
        for (angle, mirrored) in [(0.0, false), (0, true), (Double.pi / 2, false)] {
            let view = TurnedView(
                scale: 1, aspect: 1, angle: angle, shift: (0, 0), size: (20, 20), of: (30, 24))
            let values = canvas(input) {
                PictureSampler().draw(picture, mirrored ? view.mirrored(width: 20) : view, ColorShift(), into: $0)
            }
            for color in 0..<3 {
                for row in 1..<20 {
                    for column in 1..<19 {
                        let x = mirrored ? 19 - column : column
                        let (dx, dy) = angle == 0 ? (x - 10, row - 10) : (10 - row, column - 10)
                        let expected = source.values[(color * 24 + 12 + dy) * 30 + 15 + dx]
                        #expect(abs(values[(color * 20 + row) * 20 + column] - expected) < 1e-4)
                    }
                }
            }
        }
        let far = TurnedView(scale: 1, aspect: 1, angle: 0, shift: (500, 0), size: (20, 20), of: (30, 24))
        #expect(canvas(input) { PictureSampler().draw(picture, far, ColorShift(), into: $0) }.allSatisfy { $0 == 0 })
    }
}
