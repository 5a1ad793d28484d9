import Foundation

/// Where files are fetched from: their author's addresses, or a mirror, which has all of them in one place.
public struct ModelSource: Hashable, Sendable {
    /// Ends in a slash, and holds no user and password. `nil`: the author's addresses.
    private let mirror: String?
    /// `user:password`, for basic authorization. Never shown.
    private let userInfo: String?

    public static let author = ModelSource(mirror: nil, userInfo: nil)

    private init(mirror: String?, userInfo: String?) {
        self.mirror = mirror
        self.userInfo = userInfo
    }

    /// - Parameter address: to which files' names are appended: `https://user:password@host/path`.
    /// - Throws: `.badAddress`, with no word of the address, which may hold a password.
    public init(mirror address: String) throws(ModelError) {
        guard var parts = URLComponents(string: address), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty
        else {
            throw ModelError(.badAddress, "the mirror is no address; expected one such as https://host/folder")
        }
        guard parts.hasPossiblePort else {
            throw ModelError(.badAddress, "the mirror's address has an impossible port; ports are 1 to 65535")
        }
        guard parts.query == nil, parts.fragment == nil else {
            throw ModelError(
                .badAddress, "the mirror's address has a ? or #; expected a folder's, such as https://host/folder")
        }
        // The end of a password, or of what was meant as one, which would be shown as a part of the path.
        guard !parts.percentEncodedPath.contains("@") else {
            throw ModelError(
                .badAddress,
                "the mirror's address has an @ in its path; in names and passwords write %40 for @ and %2F for /")
        }
        userInfo = parts.user.map { "\($0):\(parts.password ?? "")" }
        parts.user = nil
        parts.password = nil
        guard let plain = parts.string else {
            throw ModelError(.badAddress, "the mirror is no address; expected one such as https://host/folder")
        }
        mirror = plain.hasSuffix("/") ? plain : plain + "/"
    }

    /// May be shown.
    func address(of file: ModelFile) -> String { mirror.map { $0 + file.name } ?? file.address }

    /// Whether it has a password that anybody on the way can read.
    public var showsPassword: Bool { userInfo != nil && mirror?.lowercased().hasPrefix("http:") == true }

    /// The value of the header.
    var authorization: String? {
        userInfo.map { "Basic " + Data($0.utf8).base64EncodedString() }
    }
}
