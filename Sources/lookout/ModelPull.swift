import ArgumentParser
import Darknet
import Foundation
import Models

/// `lookout model pull`: gets trained models.
struct ModelPull: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Get trained models from where their author publishes them.",
        discussion: """
            There are \(ModelCatalogue.all.map(\.name).joined(separator: ", ")); \(ModelCatalogue.licence). They go into \
            $LOOKOUT_MODELS, else, for root, into /var/lib/lookout/models, where the service finds them, else into \
            ~/.local/share/lookout/models. What is interrupted goes on where it ended when the same is called again. \
            https_proxy, http_proxy and no_proxy are honoured; the proxy must allow CONNECT, for http, too.

              lookout model pull yolov2-tiny
              lookout process yard.mp4 --model yolov2-tiny
            """)

    @Argument(help: ArgumentHelp("Which models.", valueName: "name"))
    var names: [String] = []

    @Flag(help: "All that there are.")
    var all = false

    @Option(
        help: ArgumentHelp(
            "Address of a folder that has the files under the same names. Default: $LOOKOUT_MIRROR, else the author's "
                + "addresses. A user and password in it are best kept in the variable.", valueName: "url"))
    var mirror: String?

    @Flag(help: "Fetches again what is here.")
    var force = false

    @Flag(help: "Prints one JSON object on stdout.")
    var json = false

    @Flag(help: "No progress on stderr.")
    var quiet = false

    func validate() throws {
        if all != names.isEmpty {
            throw ValidationError(
                all
                    ? "--all takes no names"
                    : "name a model, one of \(ModelCatalogue.all.map(\.name).joined(separator: ", "))")
        }
    }

    func run() throws {
        // What is wrong with one shows before another is fetched.
        let models = try all ? ModelCatalogue.all : names.map { try ModelStore.published($0) }
        let environment = ProcessInfo.processInfo.environment
        let address = mirror ?? environment["LOOKOUT_MIRROR"].flatMap { $0.isEmpty ? nil : $0 }
        let source = try address.map { try ModelSource(mirror: $0) } ?? .author
        if source.showsPassword {
            Diagnostics.warning("over plain http anybody on the way can read the mirror's password; https keeps it")
        }
        let progress = PullProgress(isQuiet: quiet)
        let store = ModelStore()
        let puller = ModelPuller(store, from: source, environment: environment) { progress.show($0) }
        let signals = SignalHandler { puller.cancel() }
        do {
            for model in models { try puller.pull(model, again: force) }
        } catch {
            progress.end()
            if signals.signalNumber != 0 {
                Diagnostics.note("lookout: \(error)")
                throw Stopped(exitCode: 128 + signals.signalNumber)
            }
            throw error
        }
        progress.end()
        try report(models, store)
    }

    private func report(_ models: [PublishedModel], _ store: ModelStore) throws {
        if json {
            let list = models.map { model in
                ["name": model.name, "files": model.files.compactMap(store.path(of:))] as [String: Any]
            }
            let data = try JSONSerialization.data(
                withJSONObject: ["models": list], options: [.sortedKeys, .withoutEscapingSlashes])
            return try printResult(String(decoding: data, as: UTF8.self) + "\n")
        }
        for model in models {
            let isClassifier = model.config.region == nil
            Diagnostics.note("\(model.name) is ready: \(model.summary). Licence: \(ModelCatalogue.licence).")
            Diagnostics.note(
                "  lookout \(isClassifier ? "detect photo.jpg" : "process video.mp4") --model \(model.name)")
        }
    }
}
