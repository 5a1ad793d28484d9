public import DataSets
import Media
import Pipeline

/// What to do about a picture that cannot be read or decoded.
public enum BadPictureRule: String, Hashable, Sendable, CaseIterable {
    /// Training ends with an error that names it.
    case stop
    /// Another takes its place, drawn in a way that depends on nothing but the sample's number.
    case skip
}

/// A picture that could not be used, and why.
public struct BadPicture: Hashable, Sendable, CustomStringConvertible {
    public var sample: Sample
    /// Names the picture.
    public var message: String

    /// `list:line: picture: what is wrong`.
    public var description: String {
        let place = sample.file.isEmpty ? "" : sample.line > 0 ? "\(sample.file):\(sample.line): " : "\(sample.file): "
        return place + (message.contains(sample.image) ? message : "\(sample.image): \(message)")
    }
}

/// Why training has no more pictures.
public struct BatchLoaderError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    init(_ description: String) { self.description = description }
}

/// The pictures that could not be used so far, for all threads.
final class BadPictures: Sendable {
    private struct State {
        var names: Set<String> = []
        var problems: [BadPicture] = []
    }

    private let rule: BadPictureRule
    private let state = Locked(State())

    init(_ rule: BadPictureRule) { self.rule = rule }

    var problems: [BadPicture] { state.withLock { $0.problems } }

    func contains(_ image: String) -> Bool { state.withLock { $0.names.contains(image) } }

    /// Notes it, or throws: if pictures are not to be skipped, if it is not the picture's fault, or if all is to end.
    func add(_ sample: Sample, _ error: any Error) throws {
        let problem = BadPicture(sample: sample, message: "\(error)")
        let kind = (error as? MediaError)?.kind
        if kind == .interrupted { throw error }
        if rule == .stop || kind == .system { throw BatchLoaderError(problem.description) }
        state.withLock { state in
            guard state.names.insert(sample.image).inserted else { return }
            state.problems.append(problem)
        }
    }
}
