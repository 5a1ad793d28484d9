import Foundation
import TestSupport

@testable import DataSets

extension TemporaryFolder {
    /// Writes a text file, making the folders above it.
    @discardableResult
    func put(_ text: String, _ name: String) throws -> String {
        let folder = Path.folder(of: file(name))
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return try write(text.utf8, to: name)
    }
}

/// What is wrong with a data set; none where it can be read.
func problems(_ body: () throws -> DataSet) throws -> [DataProblem] {
    do {
        _ = try body()
        return []
    } catch let problems as DataProblems {
        return problems.problems
    }
}
