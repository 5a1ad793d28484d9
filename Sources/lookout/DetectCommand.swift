import ArgumentParser
import Darknet
import Detection
import Foundation
import Media
import Neural
import Streams

/// `lookout detect`: what is in these pictures.
struct Detect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Detect (or, with a classifier, classify) what is in pictures.",
        discussion: """
            Clips and streams are taken too: each frame is a picture.

              lookout detect dog.jpg --model yolov2 --output seen/
              lookout detect *.png --weights darknet19.weights --top 3 --json
            """
    )

    @Argument(help: ArgumentHelp("Pictures, clips, patterns of pictures; - is stdin.", valueName: "image"))
    var images: [String]

    @Flag(help: "Prints one JSON object on stdout.")
    var json = false

    @Option(
        help: ArgumentHelp("Writes annotated pictures into this folder: PNG for PNG, else JPEG.", valueName: "folder"))
    var output: String?

    @Option(help: ArgumentHelp("Classifier networks: how many classes to print. Default: 5.", valueName: "n"))
    var top: Int?

    @OptionGroup(title: "Model options")
    var model: ModelOptions

    func validate() throws {
        if let top, !(1...1_000_000).contains(top) { throw ValidationError("--top is \(top); it must be at least 1") }
    }

    func run() throws {
        let signals = SignalHandler()
        let images = images.flatMap(FileNames.expanded)
        let model = try model.resolved(orBuiltIn: true)
        let network = try model.load()
        let looker: any PictureLooker
        if network.decoder != nil {
            if top != nil {
                throw UsageError("\(network.config.name) is a detector: --top is for classifiers such as darknet19")
            }
            // A clip or a folder of pictures pays for kernels that take longer to make ready.
            let isMany = images.count > 8 || images.contains { !FileNames.isPicture($0) }
            looker = try PictureDetector(
                network, model: model, kernels: isMany ? .throughput : .startup, output: output,
                inputs: images)
        } else {
            if output != nil { throw UsageError("\(network.config.name) is a classifier: it has no boxes to draw") }
            looker = PictureClassifier(network, model: model, top: top ?? 5)
        }
        let code = try look(looker, at: images, stop: signals.stop)
        if signals.signalNumber != 0 { throw Stopped(exitCode: 128 + signals.signalNumber) }
        if code != 0 { throw Stopped(exitCode: code) }
    }

    /// - Returns: the exit code: that of the first input that failed.
    private func look(_ looker: any PictureLooker, at images: [String], stop: StopSignal) throws -> Int32 {
        var printer = PicturePrinter(asJSON: json)
        var code: Int32 = 0
        try printer.begin()
        for image in images where !stop.isRequested {
            do {
                let interrupt = Interrupt()
                stop.attach(interrupt)
                let source = try VideoSource(image, interrupt: interrupt)
                let isStill = FileNames.isPicture(image)
                var frames = 0
                while !stop.isRequested, let item = try source.next() {
                    guard case .frame(let frame) = item else { continue }
                    try printer.print(
                        image: redacted(image), isStill: isStill, frame: frame,
                        answer: looker.look(at: frame, named: image, isStill: isStill))
                    frames += 1
                }
                if frames == 0 && !stop.isRequested {
                    throw MediaError(.badData, image, "holds no picture that can be decoded")
                }
                if let damage = source.damage { Diagnostics.warning("\(redacted(image)): \(damage)") }
            } catch let error as ResultError {
                throw error
            } catch let error as MediaError where error.kind == .interrupted && stop.isRequested {
                break
            } catch {
                Diagnostics.error("\(error)")
                if code == 0 { code = sysexit(for: error) ?? EX_SOFTWARE }
            }
        }
        try printer.end()
        return code
    }
}
