import Darknet
import Testing

@testable import Training

@Suite("TrainingChecks") struct TrainerChecksTests {
    private func warnings(
        _ net: String = "", images: Int = 5000, head: String = TrainerBench.detectorHead
    ) throws -> [String] {
        let config = try TrainerBench.config(net: net, head: head)
        return try TrainingChecks.warnings(
            config, largest: (config.net.width, config.net.height), images: images,
            isFromScratch: true)
    }

    @Test func aSoundSetupHasNone() throws { #expect(try warnings() == []) }

    static let mistakes: [(String, String)] = [
        ("width=80", "multiple of 32"), ("batch=7\nsubdivisions=3", "no multiple of subdivisions = 3: 6 images"),
        ("subdivisions=4", "one image at a time"), ("batch=6000\nsubdivisions=2", "fewer than a batch"),
        ("burn_in=8", "burn_in"), ("policy=steps\nsteps=4,20\nscales=.1,.1", "steps = 20 lies"),
        ("learning_rate=.02", "may diverge"),
    ]

    @Test(arguments: mistakes) func aMistakeIsTold(_ net: String, _ expected: String) throws {
        // The first of equal keys holds.
        let warnings = try warnings(replacing: net)
        #expect(warnings.count == 1 && warnings[0].contains(expected), "\(warnings)")
    }

    private func warnings(replacing net: String) throws -> [String] {
        let keys = net.split(separator: "\n").map { $0.prefix { $0 != "=" } }
        var config = try TrainerBench.config()
        var lines = config.text().split(separator: "\n").map(String.init)
        lines.removeAll { line in keys.contains { line.hasPrefix($0 + "=") } }
        lines.insert(contentsOf: net.split(separator: "\n").map(String.init), at: 1)
        config = try NetworkConfig(parsing: lines.joined(separator: "\n"), file: "small.cfg")
        return try TrainingChecks.warnings(
            config, largest: (config.net.width, config.net.height), images: 5000, isFromScratch: true)
    }

    @Test func anchorsInPixelsAreTold() throws {
        let head = TrainerBench.detectorHead.replacing("anchors=1,1", with: "anchors=5,1")
        #expect(try warnings(head: head)[0].contains("anchors count cells"))
    }

    @Test func aTinySetWithAHighRateIsTold() throws {
        #expect(try warnings(images: 100).first?.contains("learning_rate = 0.002 is much for 100 images") == true)
    }

    /// Of the first loss and one that stays, with a good one between where `breaks`.
    @Test(arguments: [
        (2.0, 1500.0, false, true), (500, 60_000, false, true), (2, 1500, true, false), (2, 900, false, false),
        (500, 40_000, false, false), (0, 5, false, false),
    ])
    func onlyALossThatStaysHighIsDivergence(_ first: Double, _ loss: Double, _ breaks: Bool, _ isDiverged: Bool) {
        var watch = DivergenceWatch()
        var problems: [String] = []
        for iteration in 0..<2 * DivergenceWatch.patience - 2 {
            let isGood = breaks && iteration == DivergenceWatch.patience - 1
            if let problem = watch.problem(loss: isGood ? first : loss, first: first) { problems.append(problem) }
        }
        #expect(!problems.isEmpty == isDiverged)
    }
}
