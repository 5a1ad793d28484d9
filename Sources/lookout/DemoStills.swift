import ArgumentParser
import Foundation
import Pipeline
import Streams
import Street

/// `lookout demo stills`: pictures of the street with labels, to train with.
struct DemoStills: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stills", abstract: "Make a data set of the demo's street, for lookout train and eval.",
        discussion: """
            Each picture shows another street at another moment. The folder gets images, labels as Darknet has them, \
            lists, names, and street.data.

              lookout demo stills street --count 3000 --valid-count 500
              lookout anchors street/street.data
            """)

    @Argument(help: ArgumentHelp("The folder to make: not there yet, or empty.", valueName: "folder"))
    var folder: String

    @Option(help: ArgumentHelp("Pictures to train with.", valueName: "n"))
    var count = 3000

    @Option(help: ArgumentHelp("Pictures to judge with, of streets of their own.", valueName: "n"))
    var validCount = 0

    @Option(help: ArgumentHelp("Chooses the streets; two seeds have none in common.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "Of every picture. Default: 640x360, and of two in five one and a half times or twice that.",
            valueName: "WxH"))
    var size: StreetSize?

    @Option(help: ArgumentHelp("Pictures made at once. Default: the cores this process may use.", valueName: "n"))
    var threads: Int?

    @Flag(help: "Prints a summary as one JSON object on stdout.")
    var json = false

    @Flag(help: "No progress and no summary on stderr.")
    var quiet = false

    func validate() throws {
        for (name, value, least) in [("--count", count, 1), ("--valid-count", validCount, 0)] {
            guard (least...StreetStills.countLimit).contains(value) else {
                throw ValidationError("\(name) is \(value); it must be \(least) to \(StreetStills.countLimit)")
            }
        }
        guard count + validCount <= StreetStills.countLimit else {
            throw ValidationError("--count and --valid-count are more than \(StreetStills.countLimit) together")
        }
        guard StreetStills.seeds.contains(seed) else {
            throw ValidationError("--seed is \(seed); it must be 1 to \(StreetStills.seeds.upperBound)")
        }
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads is \(threads); it must be 1 to 256")
        }
    }

    func run() throws {
        let signals = SignalHandler()
        var stills = StreetStills()
        stills.size = size
        (stills.seed, stills.count, stills.validCount) = (seed, count, validCount)
        stills.threads = threads ?? Processors.available
        let (stop, total) = (signals.stop, count + validCount)
        let counts: [StreetKind: Int]
        do {
            counts = try ProgressLine.following("stills", of: total, quiet: quiet) { progress in
                try stills.write(to: folder, progress: progress, isStopped: { stop.isRequested })
            }
        } catch {
            if signals.signalNumber != 0 { throw Stopped(exitCode: 128 + signals.signalNumber) }
            throw error
        }
        let data = FileNames.path(folder, "street.data")
        if json { try printResult(report(counts, data: data)) }
        guard !quiet && !json else { return }
        let objects = StreetKind.allCases.map { "\($0.name) \(counts[$0] ?? 0)" }.joined(separator: ", ")
        Diagnostics.note(
            "\(data): \(count) pictures to train with and \(validCount) to judge with\n  objects: \(objects)")
    }

    private func report(_ counts: [StreetKind: Int], data: String) -> String {
        var json = JSONLine()
        json.object { json in
            json.put("data", data)
            json.put("train", count)
            json.put("valid", validCount)
            json.object("objects") { json in
                for kind in StreetKind.allCases { json.put(kind.name, counts[kind] ?? 0) }
            }
        }
        return String(decoding: json.terminated, as: UTF8.self)
    }
}
