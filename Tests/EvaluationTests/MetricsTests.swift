import DataSets
import Testing

@testable import Evaluation

/// Against pycocotools 2.0.11 and mean-average-precision 2024.1.5: Tests/Peers/compare_ap.py prints the figures.
@Suite struct MetricsTests {
    @Test(
        arguments: [
            (
                1, 40,
                [
                    23.8916248, 40.9166638, 23.0446329, 18.7618089, 29.1631192, 25.5714762, 25.7099567, 54.4781145,
                    54.4781145, 41.1428571, 61.0416667, 48.0,
                ], [28.1338917, 22.2076863, 21.3332964]
            ),
            (
                2, 40,
                [
                    25.1854725, 49.3629562, 24.4968803, 21.6121814, 29.3426183, 45.2284171, 21.9635019, 54.3956818,
                    54.3956818, 40.4126984, 57.8910534, 82.5,
                ], [23.1261257, 27.6701658, 24.760126]
            ),
            (
                3, 6,
                [
                    27.9337779, 50.4497831, 23.186783, 49.7689769, 36.6411546, 15.1078501, 17.8571429, 52.7777778,
                    52.7777778, 53.3333333, 57.2222222, 42.5,
                ], [39.2754275, 22.2211614, 22.3047448]
            ),
        ] as [(UInt64, Int, [Double], [Double])])
    func cocoIsPycocotools(seed: UInt64, pictures: Int, expected: [Double], classes: [Double]) {
        let summary = Metrics.summary(
            of: RandomBoxes.results(seed: seed, pictures: pictures), names: RandomBoxes.names)
        let figures = [
            summary.ap, summary.ap50, summary.ap75, summary.apSmall, summary.apMedium, summary.apLarge, summary.ar1,
            summary.ar10, summary.ar100, summary.arSmall, summary.arMedium, summary.arLarge,
        ]
        for (figure, expected) in zip(figures, expected) { #expect(abs(figure - expected) < 1e-6) }
        for (item, expected) in zip(summary.classes, classes) { #expect(abs(item.ap - expected) < 1e-6) }
        // No truth is of the last class.
        #expect(summary.classes[3].ap.isNaN && summary.classes[3].voc07.isNaN && summary.classes[3].truths == 0)
    }

    @Test func vocIsAnothersToo() {
        let expected: [(eleven: Double, area: Double)] = [
            (53.665001, 52.1001048), (36.8919486, 37.9108988), (43.4818776, 44.7254754),
        ]
        let results = RandomBoxes.results(seed: 4, pictures: 40, hasCrowds: false)
        let summary = Metrics.summary(of: results, names: RandomBoxes.names)
        for (item, expected) in zip(summary.classes, expected) {
            #expect(abs(item.voc07 - expected.eleven) < 1e-6)
            #expect(abs(item.vocArea - expected.area) < 1e-6)
        }
        #expect(abs(summary.voc07 - mean(expected.map(\.eleven))) < 1e-6)
    }

    /// Equally sure boxes are taken in the order of the pictures' numbers, whatever order they come in.
    @Test func theOrderOfPicturesDoesNotMatter() {
        let results = RandomBoxes.results(seed: 2, pictures: 40)
        let (there, back) = (
            Metrics.summary(of: results, names: RandomBoxes.names),
            Metrics.summary(of: results.reversed(), names: RandomBoxes.names)
        )
        #expect(there.ap == back.ap && there.voc07 == back.voc07 && there.darknetMAP == back.darknetMAP)
    }

    private static let left = TruthBox(x: 0.25, y: 0.5, width: 0.4, height: 0.5)
    private static let right = TruthBox(x: 0.75, y: 0.5, width: 0.4, height: 0.5)

    private func picture(_ truths: [Truth], _ boxes: [ScoredBox]) -> PictureResult {
        PictureResult(sample: Sample(image: "a.png", content: .objects(truths)), width: 100, height: 100, boxes: boxes)
    }

    @Test func perfectAnswers() {
        let summary = Metrics.summary(
            of: [picture([Truth(classID: 0, box: Self.left)], [ScoredBox(classID: 0, score: 0.9, box: Self.left)])],
            names: ["a"])
        for figure in [
            summary.ap, summary.ap50, summary.ap75, summary.apMedium, summary.ar1, summary.ar100, summary.voc07,
            summary.vocArea, summary.darknetMAP, summary.precision, summary.recall, summary.f1,
            summary.proposals.meanOverlap, summary.proposals.recall,
        ] { #expect(abs(figure - 100) < 1e-9) }
        // 40 x 50 pixels are of medium size.
        #expect(summary.apSmall.isNaN && summary.apLarge.isNaN && summary.arSmall.isNaN)
        #expect(summary.proposals.perPicture == 1 && summary.truths == 1 && summary.pictures == 1)
    }

    /// A difficult truth is neither missed nor found; without it the box would be wrong.
    @Test func difficultTruthsCountNeitherWay() {
        var difficult = Truth(classID: 0, box: Self.right)
        difficult.isDifficult = true
        let summary = Metrics.summary(
            of: [
                picture(
                    [Truth(classID: 0, box: Self.left), difficult],
                    [
                        ScoredBox(classID: 0, score: 0.9, box: Self.right),
                        ScoredBox(classID: 0, score: 0.8, box: Self.left),
                    ])
            ], names: ["a"])
        #expect(summary.truths == 1)
        for figure in [summary.ap, summary.voc07, summary.vocArea, summary.darknetMAP, summary.precision] {
            #expect(abs(figure - 100) < 1e-9)
        }
    }

    /// The second box of a truth is wrong, and so is one of another class.
    @Test func furtherBoxesAreWrong() {
        let summary = Metrics.summary(
            of: [
                picture(
                    [Truth(classID: 0, box: Self.left), Truth(classID: 0, box: Self.right)],
                    [
                        ScoredBox(classID: 0, score: 0.9, box: Self.left),
                        ScoredBox(classID: 0, score: 0.8, box: Self.left),
                        ScoredBox(classID: 1, score: 0.7, box: Self.left),
                        ScoredBox(classID: 0, score: 0.6, box: Self.right),
                        ScoredBox(classID: 0, score: 0.2, box: Self.right),
                    ])
            ], names: ["a", "b"])
        // Precisions 1 and 2/3, each for half of the recall.
        #expect(abs(summary.vocArea - 100 * (0.5 + 0.5 * 2 / 3)) < 1e-9)
        #expect(abs(summary.darknetMAP - summary.vocArea) < 1e-9)
        // Above .25: two right of four.
        #expect(summary.precision == 50 && summary.recall == 100)
        #expect(abs(summary.f1 - 200.0 / 3) < 1e-9)
        #expect(summary.proposals.perPicture == 2)
    }

    /// What the data set does not know is no reason to crash.
    @Test func unknownClassesAndNothingAtAll() {
        let unknown = picture(
            [Truth(classID: 7, box: Self.left)], [ScoredBox(classID: -1, score: 0.9, box: Self.left)])
        #expect(Metrics.summary(of: [unknown], names: ["a"]).ap.isNaN)
        #expect(Metrics.summary(of: [], names: []).voc07.isNaN)
        #expect(ConfusionMatrix([unknown], names: ["a"]).counts == [[0, 0], [0, 0]])
    }
}
