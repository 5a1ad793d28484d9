import Darknet
import DataSets
import Detection
import Foundation
import Media
import Models
import Neural
import Pipeline
import Settings
import Streams
import Street
import Training
import Web

/// The command did what it could and says so already; only the exit code is left to give.
struct Stopped: Error {
    let exitCode: Int32
}

/// The sysexits code of an error of ours; `nil` for those of the argument parser, which knows its own.
func sysexit(for error: any Error) -> Int32? {
    switch error {
    case let failure as RecordingFailure: sysexit(for: failure.underlying) ?? EX_SOFTWARE
    case let error as MediaError:
        switch error.kind {
        case .noInput: EX_NOINPUT
        case .badData: EX_DATAERR
        case .unsupported, .unavailable: EX_UNAVAILABLE
        case .cannotCreate: EX_CANTCREAT
        case .inputOutput, .cannotWrite: EX_IOERR
        case .interrupted: 130
        case .system: EX_OSERR
        }
    case let error as DarknetError:
        switch error.kind {
        case .cannotRead: EX_NOINPUT
        case .cannotWrite: EX_CANTCREAT
        case .malformed, .mismatch: EX_DATAERR
        }
    case let error as OutputError:
        switch error.kind {
        case .creation: EX_CANTCREAT
        case .writing: EX_IOERR
        case .busy: EX_TEMPFAIL
        }
    case let error as ModelError:
        switch error.kind {
        case .unknown, .badAddress: EX_USAGE
        case .notInstalled, .unavailable: EX_UNAVAILABLE
        case .badContent: EX_DATAERR
        case .cannotCreate: EX_CANTCREAT
        case .cannotWrite: EX_IOERR
        case .busy: EX_TEMPFAIL
        case .cancelled: 130
        }
    case is DetectionError, is DataProblems, is LossError, is BatchLoaderError: EX_DATAERR
    case let error as TrainingError:
        switch error.kind {
        case .mismatch, .diverged, .badPicture: EX_DATAERR
        case .cannotCreate: EX_CANTCREAT
        case .cannotWrite: EX_IOERR
        }
    case let error as NeuralError: exitCode(of: error)
    case is ResultError: EX_IOERR
    case is UsageError, is StreetError: EX_USAGE
    case is ThreadError: EX_OSERR
    case is SettingsErrors: EX_CONFIG
    case is WebError: EX_UNAVAILABLE
    default: nil
    }
}

extension Error {
    /// An output failed that later inputs of the same run would need too: a full disk, a closed pipe.
    var isOutputFailure: Bool {
        switch self {
        case let failure as RecordingFailure: failure.underlying.isOutputFailure
        case let error as MediaError: error.kind == .cannotWrite
        default: self is OutputError
        }
    }
}

/// A wrong combination of arguments, in words.
struct UsageError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

private func exitCode(of error: NeuralError) -> Int32 {
    switch error {
    case .engine: EX_SOFTWARE
    case .unsupported, .weights: EX_DATAERR
    case .parameter: EX_USAGE
    case .memory: EX_OSERR
    }
}
