import Darknet

/// A model that its author publishes, for the network that is built in under the same name.
public struct PublishedModel: Hashable, Sendable {
    /// Also of the network: `NetworkConfig.builtIn`.
    public let name: String
    /// What it is for, in a few words.
    public let summary: String
    /// The weights first, then what is read beside them.
    public let files: [ModelFile]

    public var config: NetworkConfig {
        guard let config = NetworkConfig.builtIn(name) else { preconditionFailure("\(name) has no built-in network") }
        return config
    }

    public var weights: ModelFile { files[0] }
}

/// A file of a model: where it is to be had, and how to know it.
public struct ModelFile: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
        /// Of the built-in network.
        case weights(network: String)
        case names(lines: Int)
        case tree(lines: Int)
    }

    /// In the author's place, on a mirror, and here.
    public let name: String
    /// Where its author publishes it.
    public let address: String
    public let content: Content
    /// The sizes that it can have, rising: of weights with the header of either length.
    public let byteCounts: [Int]
}

/// The models that can be pulled.
public enum ModelCatalogue {
    /// Their author's word on all of them, in Darknet's licence.
    public static let licence = "public domain (\"Do whatever you want with it\"), says Darknet's licence"

    public static let all: [PublishedModel] = [
        model("yolov2", "the 80 classes of COCO"),
        model("yolov2-voc", "the 20 classes of VOC"),
        model("yolov2-tiny", "the 80 classes of COCO, small and fast"),
        model("yolov2-tiny-voc", "the 20 classes of VOC, small and fast"),
        model("yolo9000", "9,418 kinds of things, as a tree", [names9k, tree9k]),
        model("darknet19", "classifier, the 1,000 classes of ImageNet", [imageNetNames]),
        model("darknet19_448", "classifier, the 1,000 classes of ImageNet, at 448x448", [imageNetNames]),
    ]

    public static func model(named name: String) -> PublishedModel? { all.first { $0.name == name } }

    private static func model(_ name: String, _ summary: String, _ further: [ModelFile] = []) -> PublishedModel {
        guard let body = try? NetworkConfig.builtIn(name)?.parameterCount().stored else {
            preconditionFailure("\(name) has no built-in network")
        }
        let weights = ModelFile(
            name: name + ".weights", address: "https://pjreddie.com/media/files/\(name).weights",
            content: .weights(network: name), byteCounts: [16 + 4 * body, 20 + 4 * body])
        return PublishedModel(name: name, summary: summary, files: [weights] + further)
    }

    private static let names9k = text("9k.names", .names(lines: 9418), byteCount: 99_137)
    private static let tree9k = text("9k.tree", .tree(lines: 9418), byteCount: 140_047)
    /// All of ImageNet, of which the first thousand are the classifiers'.
    private static let imageNetNames = text("imagenet.shortnames.list", .names(lines: 21_842), byteCount: 246_356)

    /// A file of Darknet's repository, at the commit that these sizes are of.
    private static func text(_ name: String, _ content: ModelFile.Content, byteCount: Int) -> ModelFile {
        let commit = "f6afaabcdf85f77e7aff2ec55c020c0e297c77f9"
        return ModelFile(
            name: name, address: "https://raw.githubusercontent.com/pjreddie/darknet/\(commit)/data/\(name)",
            content: content, byteCounts: [byteCount])
    }
}
