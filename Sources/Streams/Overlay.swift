import Annotation
import Detection
import Media

/// Draws detections with their labels into a canvas. One thread at a time.
public final class Overlay {
    private let names: [String]
    private var annotator: (pixelAspect: Double, annotator: Annotator)?

    /// - Parameter names: of all classes; colours depend on how many there are.
    public init(names: [String]) { self.names = names }

    /// - Parameters:
    ///   - canvas: a writable picture.
    ///   - placement: where the source picture lies in it.
    public func draw(_ detections: [NamedDetection], into canvas: Frame, at placement: PicturePlacement) {
        guard !detections.isEmpty, let image = canvas.yuvImage else { return }
        let labels = detections.map { named in
            // Clipped to the picture, as in the log: beside a fitted one are bars.
            let box = named.clipped
            let (width, height) = (Float(placement.width), Float(placement.height))
            return Label(
                text: "\(named.name) \(Int((named.detection.confidence * 100).rounded()))%",
                classID: named.detection.classID, classCount: names.count,
                x: Float(placement.x) + Float(box.x) * width, y: Float(placement.y) + Float(box.y) * height,
                width: Float(box.width) * width, height: Float(box.height) * height)
        }
        annotator(pixelAspect: canvas.pixelAspect).draw(labels, into: image)
    }

    private func annotator(pixelAspect: Double) -> Annotator {
        if let annotator, annotator.pixelAspect == pixelAspect { return annotator.annotator }
        let made = Annotator(pixelAspect: pixelAspect)
        annotator = (pixelAspect, made)
        return made
    }
}
