import ArgumentParser

/// `lookout demo`: a made street, looked at as a recording would be, and judged.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show all that Lookout does, and that it works here: no camera, video, weights or network needed.",
        discussion: """
            Makes a video of a street in which every object is known, does to it what lookout process does, with a \
            network that the program carries, and writes lookout-demo.mp4 (with the boxes found) and lookout-demo.jsonl \
            (the log). It prints what was found against the truth, in fp32 and in int8, and how fast. Where the figures \
            are not what they must be, it says so and ends with exit code 70. Precision and recall must be \
            \(DemoModel.leastOfUsual) on the street that is shown when nothing is said, \(DemoModel.leastOfAny) on \
            any other, which may be dark and wet; in int8 at most \(DemoModel.mostLoss) lower than in fp32. That is \
            known of the built-in network at its own threshold, where there are enough objects, in pictures of \
            \(DemoModel.leastRows) rows or more that are not over \(DemoModel.mostAspect) times as wide as high; \
            else the figures are reported and not judged.

            Precision is the part of the detections that are right, recall the part of the objects that are found, each \
            object in each picture for itself, with boxes that share at least half of their joint area. Objects that are \
            too small or hidden to be asked for count neither way.

              lookout demo
              lookout demo --seed 7 --seconds 30 --output seen

            All options are told by: lookout demo run --help
            """,
        subcommands: [DemoRun.self, DemoVideo.self, DemoStills.self], defaultSubcommand: DemoRun.self)
}
