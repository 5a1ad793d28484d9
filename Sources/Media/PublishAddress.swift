import Foundation

/// An RTSP server's URL with the user and password that libav is to give it. Only for libav: never for a message.
func publishAddress(
    _ url: String, credentials: (user: String, password: String)?
) throws(MediaError) -> String {
    guard let credentials, let scheme = url.range(of: "://") else { return url }
    let parts = [credentials.user, credentials.password].map {
        $0.addingPercentEncoding(withAllowedCharacters: plainCharacters) ?? ""
    }
    let both = parts.joined(separator: ":")
    guard both.utf8.count <= mostCredentials else {
        throw MediaError(
            .unsupported, url,
            "user and password are longer than the \(mostCredentials) bytes that libav takes, percent-encoded")
    }
    let rest = url[scheme.upperBound...]
    // The server's name ends at the path, and those given in the URL itself before it.
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let host = authority.lastIndex(of: "@").map { rest[rest.index(after: $0)...] } ?? rest
    return url[..<scheme.upperBound] + both + "@" + host
}

private let plainCharacters = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
/// libav would cut off the rest without a word.
private let mostCredentials = 127
