import Detection

/// The pixels of a picture or of an input.
struct PixelSize: Hashable {
    var width: Int
    var height: Int
}

extension Augmentation {
    /// Where a detection picture comes to lie in the input.
    func view(of picture: PixelSize, in input: PixelSize, _ random: inout SampleRandom) -> View {
        let placed =
            switch placement {
            case .letterboxJitter: jittered(picture, input, &random)
            case .crop: cropped(picture, input, &random)
            case .plain(let mode): Self.plain(picture, input, mode)
            case .centerCrop, .classifierCrop: Self.center(picture, input)
            }
        return flips && random.coin() ? placed.mirrored(width: input.width) : placed
    }

    private func jittered(_ picture: PixelSize, _ input: PixelSize, _ random: inout SampleRandom) -> View {
        let (width, height) = (Double(picture.width), Double(picture.height))
        let newWidth = width + random.uniform(-jitter * width, jitter * width)
        let newHeight = height + random.uniform(-jitter * height, jitter * height)
        let aspect = newWidth / newHeight
        // Darknet asks whether it is below 1, and so cuts pictures off where the input is no square.
        let isNarrower = aspect < Double(input.width) / Double(input.height)
        // Without zoom no number is drawn, so that trainings of before stay what they were.
        let scale = zoom > 1 ? random.logUniform(1 / zoom, zoom) : 1
        let across = scale * (isNarrower ? Double(input.height) * aspect : Double(input.width))
        let down = scale * (isNarrower ? Double(input.height) : Double(input.width) / aspect)
        return View(
            columns: ViewAxis(
                placed: across, at: random.uniform(0, Double(input.width) - across), side: input.width,
                of: picture.width),
            rows: ViewAxis(
                placed: down, at: random.uniform(0, Double(input.height) - down), side: input.height,
                of: picture.height),
            repeatsEdge: false)
    }

    private func cropped(_ picture: PixelSize, _ input: PixelSize, _ random: inout SampleRandom) -> View {
        let reach = (x: Int(jitter * Double(picture.width)), y: Int(jitter * Double(picture.height)))
        let (left, right) = (random.whole(-reach.x, reach.x), random.whole(-reach.x, reach.x))
        let (top, bottom) = (random.whole(-reach.y, reach.y), random.whole(-reach.y, reach.y))
        return Self.crop(picture, input, left: left, right: right, top: top, bottom: bottom)
    }

    /// - Parameters: left, right, top, bottom: pixels that are cut off there; less than 0: added.
    static func crop(
        _ picture: PixelSize, _ input: PixelSize, left: Int, right: Int, top: Int, bottom: Int
    ) -> View {
        View(
            columns: ViewAxis(
                crop: max(1, picture.width - left - right), at: left, side: input.width, of: picture.width),
            rows: ViewAxis(
                crop: max(1, picture.height - top - bottom), at: top, side: input.height, of: picture.height),
            repeatsEdge: true)
    }

    private static func plain(_ picture: PixelSize, _ input: PixelSize, _ mode: ResizeMode) -> View {
        let geometry = InputGeometry(
            sourceWidth: picture.width, sourceHeight: picture.height, inputWidth: input.width,
            inputHeight: input.height, mode: mode)
        return View(
            columns: ViewAxis(
                whole: geometry.contentWidth, at: geometry.offsetX, side: input.width, of: picture.width),
            rows: ViewAxis(
                whole: geometry.contentHeight, at: geometry.offsetY, side: input.height, of: picture.height),
            repeatsEdge: true)
    }

    private static func center(_ picture: PixelSize, _ input: PixelSize) -> View {
        let side = min(picture.width, picture.height)
        let (left, top) = ((picture.width - side) / 2, (picture.height - side) / 2)
        return crop(
            picture, input, left: left, right: picture.width - side - left, top: top,
            bottom: picture.height - side - top)
    }

    /// Where a classifier's picture comes to lie in the input: its shorter side of a random length, moved within what is
    /// left over.
    func turnedView(of picture: PixelSize, in input: PixelSize, _ random: inout SampleRandom) -> TurnedView {
        let stretch = random.factor(aspect)
        let sides = cropSides.sides(width: input.width)
        let side = random.whole(sides.least, sides.most)
        let shorter = min(picture.height, max(1, Int(Double(picture.width) * stretch)))
        let scale = Double(side) / Double(shorter)
        let slackX = (Double(picture.width) * stretch * scale - Double(input.width)) / 2
        let slackY = (Double(picture.height) * scale - Double(input.height)) / 2
        let view = TurnedView(
            scale: scale, aspect: stretch, angle: random.uniform(-angle, angle) * .pi / 180,
            shift: (random.uniform(-slackX, slackX), random.uniform(-slackY, slackY)),
            size: (input.width, input.height), of: (picture.width, picture.height))
        return flips && random.coin() ? view.mirrored(width: input.width) : view
    }
}
