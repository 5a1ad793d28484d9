import Charts
import Foundation
import TestSupport
import Testing

@testable import Training

@Suite("TrainingLog and curves") struct TrainerLogTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("log.jsonl")
    }

    private func record(_ type: TrainingRecord.Kind, _ iteration: Int, loss: Double? = nil) -> TrainingRecord {
        var record = TrainingRecord(type, iteration: iteration)
        record.averageLoss = loss
        return record
    }

    @Test func recordsComeBack() throws {
        let log = try TrainingLog(path)
        let records = [record(.start, 0), record(.iteration, 1, loss: 0.1), record(.iteration, 2, loss: .infinity)]
        for record in records { try log.append(record) }
        #expect(try TrainingLog.records(of: path, through: 9) == records)
        #expect(try TrainingLog.records(of: path, through: 1).count == 2)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.allSatisfy { !$0.contains("null") })
    }

    @Test func aNewStartVoidsWhatCameAfterIt() throws {
        let log = try TrainingLog(path)
        for (type, iteration) in [
            (TrainingRecord.Kind.start, 0), (.iteration, 1), (.iteration, 2), (.iteration, 3), (.start, 2),
            (.iteration, 3),
        ] {
            try log.append(record(type, iteration))
        }
        #expect(try TrainingLog.records(of: path, through: 9).map(\.iteration) == [0, 1, 2, 2, 3])
    }

    @Test func aTornLineIsTakenAwayAndAForeignFileIsNot() throws {
        try TrainingLog(path).append(record(.start, 0))
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try folder.write(whole + Data(#"{"type":"iter"#.utf8), to: "log.jsonl")
        try TrainingLog(path).append(record(.iteration, 1))
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(try TrainingLog.records(of: path, through: 1).count == 2)
        try folder.write([UInt8](repeating: 65, count: 100_000), to: "log.jsonl")
        _ = try TrainingLog(path)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == 100_000)
        #expect(try TrainingLog.records(of: path, through: 1).isEmpty)
    }

    @Test func curvesStayBoundedAndShowTheWholeTraining() throws {
        var curves = TrainingCurves(title: "t")
        for iteration in 1...100_000 { curves.add(record(.iteration, iteration, loss: iteration == 1 ? 1e9 : 2)) }
        let points = try #require(curves.lossChart()?.series.first?.points)
        #expect(points.count <= TrainingCurves.limit && points.count > TrainingCurves.limit / 4)
        #expect(points.first?.x == 1)
        #expect(try #require(points.last?.x) > 99_000)
        // The beginning does not flatten the rest.
        #expect(points.allSatisfy { $0.y <= 8 })
    }
}
