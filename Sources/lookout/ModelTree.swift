import ArgumentParser
import Darknet

/// `lookout model tree`: a word tree of the kinds of things.
struct ModelTree: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree", abstract: "Build a word tree (YOLO9000) from hypernym paths; prints it.",
        discussion: """
            The file has a path a line, from the root down to a class, such as WordNet's hypernym paths: \
            "object animal dog". A class with several paths has several lines, and takes the one that adds the fewest \
            nodes.

              lookout model tree paths.txt > animals.tree
            """)

    @Argument(help: ArgumentHelp("Hypernym paths, one a line.", valueName: "paths"))
    var paths: String

    func run() throws { try printResult(try WordTree(hypernymPathsOf: paths).text()) }
}
