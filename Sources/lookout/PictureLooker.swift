import Darknet
import Detection
import Foundation
import Media
import Neural
import Streams

/// What a network says of one picture.
enum PictureAnswer {
    case detections([NamedDetection])
    case classes([(name: String, answer: Classifier.Answer)])
}

/// A network of either kind, looking at one picture at a time.
protocol PictureLooker {
    /// - Parameter isStill: the name is of this picture alone.
    func look(at frame: Frame, named name: String, isStill: Bool) throws -> PictureAnswer
}

/// Detects, and writes annotated copies where a folder was named.
final class PictureDetector: PictureLooker {
    private let detectors: DetectorPool
    private let preprocessor: Preprocessor
    private let names: [String]
    private let overlay: Overlay
    private var lastInput: InputImage?
    private let folder: String?
    private let inputs: Set<FileIdentity>
    /// Names given out, so that two inputs of one name do not overwrite each other.
    private var written: Set<String> = []

    /// - Parameter inputs: all that are looked at in this run: no output may take the place of a later one either.
    init(
        _ network: LoadedNetwork, model: ModelOptions, kernels: KernelPreference, output folder: String?,
        inputs: [String]
    ) throws {
        self.inputs = Set((inputs + model.fileNames + [network.config.file]).compactMap(FileIdentity.init(input:)))
        detectors = DetectorPool(
            network, size: model.inputSize, threads: model.threadCount, kernels: kernels, options: model.detection)
        preprocessor = Preprocessor(mode: model.resize)
        names = network.names.names
        overlay = Overlay(names: names)
        self.folder = folder
        if let folder { try FileNames.createFolder(folder) }
    }

    func look(at frame: Frame, named name: String, isStill: Bool) throws -> PictureAnswer {
        let detector = try detectors.detector(aspect: Double(frame.width) / Double(frame.height) * frame.pixelAspect)
        let input = input(for: detector)
        try preprocessor.prepare(frame, into: input)
        let detections = try detector.detect(input).map { NamedDetection($0, names: names) }
        if let folder { try write(frame, detections, name: name, isStill: isStill, folder: folder) }
        return .detections(detections)
    }

    /// Used again from frame to frame.
    private func input(for detector: Detector) -> InputImage {
        if let lastInput, lastInput.width == detector.width, lastInput.height == detector.height { return lastInput }
        let made = detector.makeInput()
        lastInput = made
        return made
    }

    private func write(_ frame: Frame, _ detections: [NamedDetection], name: String, isStill: Bool, folder: String)
        throws
    {
        let format = PictureWriter.Format(path: name)
        let path = FileNames.path(folder, fileName(name, frame: isStill ? nil : frame.index, format: format))
        let writer = try PictureWriter(like: frame, format: format, subject: path)
        let canvas = try writer.canvas(for: frame)
        overlay.draw(detections, into: canvas, at: writer.placement)
        let file = try OutputFile(path)
        try checkOutput(file, inputs: inputs)
        try file.write(writer.encode(canvas))
    }

    /// The input's own name; frames of a clip carry their number.
    private func fileName(_ input: String, frame: Int?, format: PictureWriter.Format) -> String {
        // A pattern's signs would make the copies' names patterns too.
        let stem = FileNames.stem(ofInput: input).replacing("%", with: "_").replacing("*", with: "_")
        let fileExtension = format == .png ? "png" : "jpg"
        let numbered = stem + (frame.map { String(format: "-%06d", $0) } ?? "")
        var name = "\(numbered).\(fileExtension)"
        var copy = 1
        while !written.insert(name).inserted {
            copy += 1
            name = "\(numbered)-\(copy).\(fileExtension)"
        }
        return name
    }
}

/// Classifies.
final class PictureClassifier: PictureLooker {
    private let network: LoadedNetwork
    private let model: ModelOptions
    private let top: Int
    private let preprocessor: Preprocessor
    private var classifier: Classifier?

    init(_ network: LoadedNetwork, model: ModelOptions, top: Int) {
        self.network = network
        self.model = model
        self.top = top
        preprocessor = Preprocessor(mode: model.resize)
    }

    func look(at frame: Frame, named name: String, isStill: Bool) throws -> PictureAnswer {
        let classifier = try classifier ?? makeClassifier()
        let input = classifier.makeInput()
        try preprocessor.prepare(frame, into: input)
        let names = network.names.names
        return .classes(
            try classifier.classify(input, top: top).map { (NamedDetection.name($0.classID, in: names), $0) })
    }

    private func makeClassifier() throws -> Classifier {
        var (width, height) = (network.config.net.width, network.config.net.height)
        switch model.inputSize {
        case .network: break
        case .fixed(let fixedWidth, let fixedHeight): (width, height) = (fixedWidth, fixedHeight)
        case .auto, .longerSide: throw UsageError("--size auto is for detectors; a classifier's input is square")
        }
        let made = try Classifier(network, width: width, height: height, threads: model.threadCount)
        classifier = made
        return made
    }
}
