/// How a source picture is brought to the network's input size.
public enum ResizeMode: String, Sendable, CaseIterable {
    /// Keeps the aspect; the rest is grey (Darknet since 2017).
    case letterbox
    /// Fills the input; the aspect is lost (Darknet of 2016, the paper's figures).
    case stretch
}

/// Where the source picture lies in the network's input, and back (spec 5.5, 6).
public struct InputGeometry: Hashable, Sendable {
    public let inputWidth: Int
    public let inputHeight: Int
    /// Size of the picture within the input.
    public let contentWidth: Int
    public let contentHeight: Int

    /// - Parameters:
    ///   - sourceWidth, sourceHeight: the picture's size in pixels.
    ///   - pixelAspect: width of one of its pixels over its height; letterboxing keeps the displayed shape.
    public init(
        sourceWidth: Int, sourceHeight: Int, pixelAspect: Double = 1, inputWidth: Int, inputHeight: Int,
        mode: ResizeMode
    ) {
        precondition(sourceWidth > 0 && sourceHeight > 0 && inputWidth > 0 && inputHeight > 0)
        self.inputWidth = inputWidth
        self.inputHeight = inputHeight
        guard mode == .letterbox else {
            (contentWidth, contentHeight) = (inputWidth, inputHeight)
            return
        }
        let width = pixelAspect == 1 ? sourceWidth : max(1, Int((Double(sourceWidth) * pixelAspect).rounded()))
        if inputWidth * sourceHeight < inputHeight * width {
            contentWidth = inputWidth
            contentHeight = max(1, sourceHeight * inputWidth / width)
        } else {
            contentWidth = max(1, width * inputHeight / sourceHeight)
            contentHeight = inputHeight
        }
    }

    /// Columns left of the picture.
    public var offsetX: Int { (inputWidth - contentWidth) / 2 }
    /// Rows above the picture.
    public var offsetY: Int { (inputHeight - contentHeight) / 2 }

    /// A box relative to the network's input as one relative to the source picture. Not clipped.
    public func sourceBox(_ box: Box) -> Box {
        let (width, height) = (Float(inputWidth), Float(inputHeight))
        let (contentWidth, contentHeight) = (Float(contentWidth), Float(contentHeight))
        // The reference uses the real half margin here although it pastes at the integer one.
        return Box(
            x: (box.x - (width - contentWidth) / 2 / width) / (contentWidth / width),
            y: (box.y - (height - contentHeight) / 2 / height) / (contentHeight / height),
            width: box.width * width / contentWidth,
            height: box.height * height / contentHeight
        )
    }
}
