import Darknet
import Models
import Testing

@Suite struct ModelCatalogueTests {
    /// As published.
    @Test(arguments: [
        ("yolov2", 203_934_260), ("yolov2-voc", 202_704_260), ("yolov2-tiny", 44_948_600),
        ("yolov2-tiny-voc", 63_471_556),
    ]) func publishedSizes(name: String, byteCount: Int) throws {
        let model = try #require(ModelCatalogue.model(named: name))
        #expect(model.weights.byteCounts.contains(byteCount))
    }

    @Test func names() {
        #expect(
            ModelCatalogue.all.map(\.name) == [
                "yolov2", "yolov2-voc", "yolov2-tiny", "yolov2-tiny-voc", "yolo9000", "darknet19", "darknet19_448",
            ])
        for model in ModelCatalogue.all {
            #expect(model.weights.name == model.name + ".weights")
            #expect(model.weights.address == "https://pjreddie.com/media/files/\(model.name).weights")
            #expect(model.weights.byteCounts[1] - model.weights.byteCounts[0] == 4)
            #expect(model.config.name == model.name)
            // They become parts of paths.
            #expect(model.files.allSatisfy { !$0.name.contains("/") && $0.address.hasSuffix("/" + $0.name) })
        }
    }

    /// The names that are built in fit; others come along.
    @Test func everyModelHasItsNames() throws {
        for model in ModelCatalogue.all {
            let classes = try #require(model.config.classCount)
            let hasNames = model.files.contains { if case .names = $0.content { true } else { false } }
            #expect(hasNames == ![20, 80].contains(classes))
        }
        let tree = try #require(ModelCatalogue.model(named: "yolo9000")?.files.last)
        #expect(tree.content == .tree(lines: 9418))
    }
}
