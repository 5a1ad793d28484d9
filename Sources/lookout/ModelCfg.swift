import ArgumentParser
import Darknet
import Detection
import Foundation

/// `lookout model cfg`: a network's cfg for classes of one's own.
struct ModelCfg: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cfg", abstract: "Print a network's cfg, for classes, anchors and a schedule of your own.",
        discussion: """
            The convolution before the region gets the filters that it then needs: anchors x (5 + classes).

              lookout model cfg yolov2-tiny --classes 3 --iterations 4000 > shop.cfg
              lookout train shop.data shop.cfg
            """)

    @Argument(help: ArgumentHelp("Network: a Darknet cfg file, or a built-in name.", valueName: "cfg"))
    var cfg: String

    @Option(help: ArgumentHelp("Number of classes. Default: the network's.", valueName: "n"))
    var classes: Int?

    @Option(
        help: ArgumentHelp(
            "Anchors in cells of the grid, as lookout anchors prints them. Default: the network's.",
            valueName: "w,h,w,h..."))
    var anchors: String?

    @Option(
        help: ArgumentHelp("Network input: multiples of 32 such as 416x256. Default: the network's.", valueName: "WxH"),
        transform: InputSizeArgument.init(argument:))
    var size: InputSizeArgument?

    @Option(
        help: ArgumentHelp(
            "Length of the training, with its learning rate's steps. Default: the network's.", valueName: "n"))
    var iterations: Int?

    func run() throws {
        let config = try NetworkFiles(cfg: cfg).loadConfig()
        let numbers = try anchors.map { text in
            try text.split(separator: ",").map { part in
                guard let number = Float(part.trimmingCharacters(in: .whitespaces)) else {
                    throw UsageError(
                        "--anchors: \(part) is not a number; expected widths and heights in turn: 1.3,1.7,...")
                }
                return number
            }
        }
        let side = try size.map { size in
            guard !size.size.dependsOnSource else { throw UsageError("--size: a cfg has one size, such as 416x256") }
            let shape = size.size.shape(of: config.net, aspect: 1)
            return (width: shape.width, height: shape.height)
        }
        let tailored = try config.tailored(classes: classes, anchors: numbers, side: side, iterations: iterations)
        try printResult(tailored.text())
    }
}
