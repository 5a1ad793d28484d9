/// VOC's boxes are pixels counted from 1, the last one included. `TruthBox` holds them as Darknet's voc_label.py makes
/// them (spec 7.7): the centre is moved by one pixel, to a count from 0, but the size is the difference of the corners,
/// one less than the pixels covered. Nothing is lost in Double: `vocCorners` gives back the annotation's numbers.
extension TruthBox {
    public init(vocLeft left: Double, top: Double, right: Double, bottom: Double, width: Int, height: Int) {
        self.init(
            x: ((left + right) / 2 - 1) / Double(width), y: ((top + bottom) / 2 - 1) / Double(height),
            width: (right - left) / Double(width), height: (bottom - top) / Double(height))
    }

    /// The corners as the annotation has them, counted from 1, for a picture of the size it was made with: whole numbers
    /// come back exactly.
    public func vocCorners(
        width pictureWidth: Int, height pictureHeight: Int
    ) -> (left: Double, top: Double, right: Double, bottom: Double) {
        let (w, h) = (Double(pictureWidth), Double(pictureHeight))
        let (centreX, centreY) = (x * w + 1, y * h + 1)
        return (
            Self.whole(centreX - width * w / 2), Self.whole(centreY - height * h / 2),
            Self.whole(centreX + width * w / 2), Self.whole(centreY + height * h / 2)
        )
    }

    /// The nearest whole number, if only rounding errors lie between.
    private static func whole(_ value: Double) -> Double {
        let rounded = value.rounded()
        return abs(value - rounded) < 1e-6 ? rounded : value
    }
}
