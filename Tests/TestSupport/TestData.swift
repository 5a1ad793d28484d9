import Foundation
public import Testing

/// The folder of real models, images, videos and golden outputs that `LOOKOUT_DATA` names.
///
/// Suites that need it carry `.enabled(if: TestData.available, TestData.skipMessage)`.
public enum TestData {
    public static let folder: String? = ProcessInfo.processInfo.environment["LOOKOUT_DATA"].map {
        URL(fileURLWithPath: $0).standardizedFileURL.path
    }
    public static let available = folder.map { FileManager.default.fileExists(atPath: $0 + "/golden") } ?? false
    public static let skipMessage: Comment = "LOOKOUT_DATA does not name the folder of test data"

    /// The absolute path of a file below the data folder.
    public static func path(_ relative: String) -> String { (folder ?? "LOOKOUT_DATA-unset") + "/" + relative }

    public static func text(_ relative: String) throws -> String {
        try String(contentsOfFile: path(relative), encoding: .utf8)
    }

    /// The paths of the pictures in a folder below the data folder, in order.
    public static func pictures(_ relative: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(relative)).filter { $0.hasSuffix(".jpg") }.sorted()
            .map { path(relative) + "/" + $0 }
    }

    /// Little-endian float32 file.
    public static func floats(_ relative: String) throws -> [Float] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path(relative)))
        return data.withUnsafeBytes { raw in
            (0..<raw.count / 4).map {
                Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
            }
        }
    }
}
