import Media

/// What to write at one box.
public struct Label: Hashable, Sendable {
    /// Class name and confidence, any text. An empty one leaves the box without a label.
    public var text: String
    /// Chooses the colour, see ``labelColor(classID:classCount:)``.
    public var classID: Int
    public var classCount: Int
    /// Left, top, width and height in pixels of the picture; may reach outside.
    public var x: Float
    public var y: Float
    public var width: Float
    public var height: Float

    public init(text: String, classID: Int, classCount: Int, x: Float, y: Float, width: Float, height: Float) {
        self.text = text
        self.classID = classID
        self.classCount = classCount
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

/// Draws boxes and labels into pictures, touching only the pixels under them.
///
/// Keeps the labels it has drawn, at most 16 MiB of them. Not thread safe: one for each output thread.
public final class Annotator {
    private let pixelAspect: Double
    private let renderer: TextRenderer
    private var cache = MaskCache(byteLimit: 16 << 20)

    /// - Parameter pixelAspect: the stream's sample aspect ratio (pixel width over height), so that text is not
    ///   squeezed on non-square pixels. What is no ratio, such as 0 for "unknown", counts as 1.
    public init(pixelAspect: Double = 1) {
        let usable = pixelAspect.isFinite && pixelAspect > 0
        self.pixelAspect = usable ? min(max(pixelAspect, 0.125), 8) : 1
        renderer = TextRenderer(pixelAspect: self.pixelAspect)
    }

    /// Draws `labels`, sorted by falling confidence: of boxes the surest lies on top where they overlap, and every
    /// label lies on top of every box. Labels keep clear of each other while there is room.
    public func draw(_ labels: [Label], into image: YUVImage) {
        guard image.width > 0, image.height > 0 else { return }
        let geometry = Geometry(of: image, pixelAspect: pixelAspect)
        let style = TextStyle(geometry, image)
        var texts: [Label] = []
        var unplaced: [UnplacedLabel] = []
        for label in labels {
            guard let box = geometry.visiblePart(of: label), let size = mask(of: label.text, style)?.luma else {
                continue
            }
            texts.append(label)
            unplaced.append(UnplacedLabel(box: box, width: size.width, height: size.height))
        }
        for label in labels.reversed() {
            guard let box = geometry.visiblePart(of: label) else { continue }
            let color = YUVColor(label.color, matrix: image.matrix, fullRange: image.fullRange)
            geometry.outline(of: box) { image.fill($0, with: color) }
        }
        for (label, place) in zip(texts, geometry.places(of: unplaced)).reversed() {
            // From the cache again: masks kept here would know no limit.
            guard let mask = mask(of: label.text, style) else { continue }
            let text = image.matrix.contrastingText(on: label.color)
            image.draw(
                mask, in: place, ground: YUVColor(label.color, matrix: image.matrix, fullRange: image.fullRange),
                text: YUVColor(text, matrix: image.matrix, fullRange: image.fullRange))
        }
    }

    private func mask(of text: String, _ style: TextStyle) -> TextMask? {
        cache.mask(for: MaskCache.Key(text: text, style: style)) { renderer.render(text, style: style) }
    }
}

extension Label {
    fileprivate var color: RGB { labelColor(classID: classID, classCount: classCount) }
}

extension TextStyle {
    fileprivate init(_ geometry: Geometry, _ image: YUVImage) {
        self.init(
            fontSize: geometry.fontSize, maxWidth: image.width,
            chromaShiftX: image.chromaShiftX, chromaShiftY: image.chromaShiftY
        )
    }
}
