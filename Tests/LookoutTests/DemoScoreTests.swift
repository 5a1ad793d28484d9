import Testing

@testable import Street
@testable import lookout

@Suite("The demo's score") struct DemoScoreTests {
    private func object(
        _ kind: StreetKind, _ x: Double, _ width: Double = 10, isTruth: Bool = true
    ) -> StreetObject {
        StreetObject(kind: kind, x: x, y: 0, width: width, height: 20, visible: 1, isTruth: isTruth)
    }

    private func detection(_ name: String, _ x: Double, _ width: Double = 10) -> LoggedFrame.Detection {
        LoggedFrame.Detection(
            class: name, confidence: 0.9, box: LoggedFrame.Box(x: x, y: 0, w: width, h: 20))
    }

    private func score(_ detections: [LoggedFrame.Detection], _ truth: [StreetObject]) -> DemoScore {
        var score = DemoScore()
        score.add(detections, truth: truth)
        return score
    }

    @Test func `what is there is found, by its class alone`() {
        let score = score([detection("car", 1), detection("dog", 100)], [object(.car, 0), object(.person, 100)])
        #expect(score[.car] == DemoScore.Counts(objects: 1, found: 1))
        #expect(score[.person] == DemoScore.Counts(objects: 1))
        #expect(score[.dog] == DemoScore.Counts(wrong: 1))
        #expect(score.total == DemoScore.Counts(objects: 2, found: 1, wrong: 1))
        #expect(score.total.precision == 0.5 && score.total.recall == 0.5)
    }

    @Test func `half of the joint area is enough, less is not`() {
        // 10 wide each: shifted by a third of it, 20/3 shared of 40/3.
        #expect(score([detection("car", 10.0 / 3 - 1e-9)], [object(.car, 0)])[.car].found == 1)
        #expect(score([detection("car", 10.0 / 3 + 1e-3)], [object(.car, 0)])[.car] == .init(objects: 1, wrong: 1))
        #expect(score([detection("car", 0, 20)], [object(.car, 0)])[.car].found == 1)
        #expect(score([detection("car", 0, 20.1)], [object(.car, 0)])[.car].found == 0)
    }

    @Test func `a second detection of the same is wrong`() {
        let score = score([detection("car", 0), detection("car", 1)], [object(.car, 0)])
        #expect(score[.car] == DemoScore.Counts(objects: 1, found: 1, wrong: 1))
    }

    @Test func `one that is pushed aside takes its neighbour`() {
        // Both overlap the first most; the surer one has it.
        let truth = [object(.person, 0), object(.person, 4)]
        let score = score([detection("person", 0), detection("person", 1)], truth)
        #expect(score[.person] == DemoScore.Counts(objects: 2, found: 2))
    }

    @Test func `the object that is overlapped most is the one that is found`() {
        let truth = [object(.person, 3), object(.person, 0)]
        let score = score([detection("person", 0.5), detection("person", 3)], truth)
        #expect(score[.person] == DemoScore.Counts(objects: 2, found: 2))
    }

    @Test func `what hides too well counts neither way`() {
        let hidden = [object(.dog, 0, isTruth: false)]
        #expect(score([detection("dog", 0), detection("dog", 1)], hidden).total == DemoScore.Counts())
        #expect(score([], hidden).total.recall == nil)
        #expect(score([detection("cat", 0)], hidden).total == DemoScore.Counts(wrong: 1))
        // Nor does it take a detection away from what is asked for.
        let both = hidden + [object(.dog, 2)]
        #expect(score([detection("dog", 0)], both)[.dog] == DemoScore.Counts(objects: 1, found: 1))
    }

    @Test func `pictures add up`() {
        var score = DemoScore()
        for _ in 0..<3 { score.add([detection("van", 0)], truth: [object(.van, 0), object(.van, 50)]) }
        #expect(score.total == DemoScore.Counts(objects: 6, found: 3))
        #expect(score.total.precision == 1 && score.total.recall == 0.5)
        #expect(DemoScore().total.precision == nil)
    }
}
