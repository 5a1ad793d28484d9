/// Why a model could not be had: what is wrong, where, and what to do about it.
public struct ModelError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
        /// There is no model of that name.
        case unknown
        /// It is known, but not here yet.
        case notInstalled
        /// An address, a mirror's or a proxy's, is none.
        case badAddress
        /// The server does not answer, or does not have it.
        case unavailable
        /// What came is not the model.
        case badContent
        case cannotCreate
        case cannotWrite
        /// Another process is pulling the same.
        case busy
        case cancelled
    }

    public let kind: Kind
    public let message: String

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }
}
