import CFFmpeg
import Foundation

/// What went wrong in libav, on what, and in which call.
public struct MediaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What a caller may want to tell apart (exit codes, retries).
    public enum Kind: Hashable, Sendable {
        /// The input is missing, unreadable, a directory.
        case noInput
        /// The input was read and is not what it should be: not a video, no video stream, damaged beyond use.
        case badData
        /// This build of libav cannot do it (codec, protocol, format, pixel format).
        case unsupported
        /// The output cannot be created.
        case cannotCreate
        /// The output was created and could not be written to its end, as with a full disk.
        case cannotWrite
        /// Reading failed midway.
        case inputOutput
        /// The peer did not answer in time, or refused.
        case unavailable
        /// The caller asked to stop.
        case interrupted
        /// No memory, or a call that cannot fail did.
        case system
    }

    /// Why an input is not there, in the words of event records.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        case refused, timeout, stalled, reset, ended, unsupported, unauthorized, error
        case badData = "bad_data"
        case notFound = "not_found"
    }

    public var kind: Kind
    /// Known where the kind alone does not tell.
    private let knownReason: Reason?
    /// The file or URL, without credentials.
    public var subject: String
    /// What is wrong and, where there is something, what to do.
    public var message: String

    public init(_ kind: Kind, _ subject: String, _ message: String, reason: Reason? = nil) {
        self.kind = kind
        knownReason = reason
        self.subject = redacted(subject)
        self.message = message
    }

    /// From a libav status.
    init(status: Int32, call: String, subject: String, fallback: Kind) {
        let kind: Kind
        var reason: Reason?
        switch status {
        case lk_averror(ENOENT), lk_averror(EISDIR): kind = fallback == .badData ? .noInput : fallback
        case lk_averror(EACCES), lk_averror(EPERM):
            kind = fallback == .badData ? .noInput : fallback
            reason = .unauthorized
        case lk_averror_invaliddata: kind = fallback == .noInput ? .badData : fallback
        case lk_averror_exit: kind = .interrupted
        case lk_averror(ECONNREFUSED): (kind, reason) = (.unavailable, .refused)
        case lk_averror(ETIMEDOUT), lk_averror(EHOSTUNREACH), lk_averror(ENETUNREACH): kind = .unavailable
        case lk_averror(ECONNRESET), lk_averror(EPIPE): (kind, reason) = (fallback, .reset)
        case lk_averror(ENOMEM): kind = .system
        case lk_averror_decoder_not_found, lk_averror_encoder_not_found, lk_averror_protocol_not_found,
            lk_averror_demuxer_not_found:
            kind = .unsupported
        case lk_averror(EPROTONOSUPPORT): (kind, reason) = (fallback, .unsupported)
        case lk_averror_http_unauthorized, lk_averror_http_forbidden: (kind, reason) = (fallback, .unauthorized)
        case lk_averror_http_not_found: (kind, reason) = (fallback, .notFound)
        // Of a missing name, of a peer that hung up: libav does not tell them apart.
        case lk_averror(EIO): (kind, reason) = (fallback, fallback == .inputOutput ? .reset : .error)
        default: (kind, reason) = (fallback, fallback == .noInput ? .error : nil)
        }
        self.init(kind, subject, "\(libavMessage(status)) (\(call))", reason: reason)
    }

    /// Why the input is not there: a word of event records.
    public var reason: String {
        if let knownReason { return knownReason.rawValue }
        let reason: Reason =
            switch kind {
            case .noInput: .notFound
            case .badData: .badData
            case .unsupported: .unsupported
            case .unavailable: .timeout
            case .cannotCreate, .cannotWrite, .inputOutput, .interrupted, .system: .error
            }
        return reason.rawValue
    }

    public var description: String { subject.isEmpty ? message : "\(subject): \(message)" }
}

/// libav's words for a status.
func libavMessage(_ status: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    av_strerror(status, &buffer, buffer.count)
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Throws for a negative status and hands other values on.
@discardableResult
func check(_ status: Int32, _ call: String, _ subject: String, _ fallback: MediaError.Kind) throws(MediaError) -> Int32
{
    guard status >= 0 else { throw MediaError(status: status, call: call, subject: subject, fallback: fallback) }
    return status
}

/// The pointer an allocation gave, or the error that memory is out.
func allocated<Pointee>(_ pointer: Pointee?, _ call: String) throws(MediaError) -> Pointee {
    guard let pointer else { throw MediaError(.system, "", "out of memory (\(call))") }
    return pointer
}

/// `rtsp://user:password@host/path?query` without user, password and query: nothing that logs a URL may show them.
///
/// A password typed as it is may hold any character, so everything up to the last `@` is taken for one; cameras also
/// take passwords in the query, and in the path (`/user=admin&password=...`): all from the first part with a `=`.
public func redacted(_ url: String) -> String {
    guard let scheme = url.range(of: "://"), url[..<scheme.lowerBound].lowercased() != "file" else { return url }
    var rest = url[scheme.upperBound...]
    var credentials = ""
    if let at = rest.lastIndex(of: "@") {
        credentials = "***@"
        rest = rest[rest.index(after: at)...]
    }
    let open = rest.prefix { $0 != "?" && $0 != "#" }
    let query = open.endIndex == rest.endIndex ? "" : "?***"
    let parts = open.split(separator: "/", omittingEmptySubsequences: false)
    let shown = parts.prefix { !$0.utf8.contains(UInt8(ascii: "=")) }
    let path = shown.map(String.init) + (shown.count == parts.count ? [] : ["***"])
    return url[..<scheme.upperBound] + credentials + path.joined(separator: "/") + query
}
