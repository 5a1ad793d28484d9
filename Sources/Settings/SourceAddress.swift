import Darknet
import Foundation
import Media
import Streams
import Street

/// A stream's url, as far as it can be judged without opening it.
struct SourceAddress {
    /// With a file's path resolved.
    let url: String
    private let written: String
    /// `file` also of `file:` and a path.
    private let scheme: String?

    var isNetwork: Bool { scheme != nil && scheme != "file" }
    /// A file or pictures: something that ends.
    var isFile: Bool { SourceKind(url) == .recording }

    init(_ text: String, paths: Paths) {
        written = text
        scheme = InputCheck.scheme(of: text)
        if text == "-" || StreetAddress.isOne(text) || text.contains("://") && scheme != nil {
            url = text
        } else if scheme != nil {
            url = "file:" + paths.resolve(String(text.dropFirst("file:".count)))
        } else {
            url = paths.resolve(text)
        }
    }

    /// `user:password` of `rtsp://user:password@camera/stream`.
    private var userInfo: Substring? {
        guard isNetwork, let start = url.range(of: "://")?.upperBound else { return nil }
        let authority = url[start...].prefix { !"/?#".contains($0) }
        return authority.lastIndex(of: "@").map { authority[..<$0] }
    }

    var hasUser: Bool { userInfo != nil }
    var hasPassword: Bool { userInfo?.contains(":") ?? false }

    /// A camera on USB comes and goes; the stream waits for it.
    var isAbsentDevice: Bool { url.hasPrefix("/dev/") && !FileManager.default.fileExists(atPath: url) }

    /// What is wrong with it, to follow "url"; `nil`: nothing. Of a path that may hold a password it shows nothing.
    func problem() -> String? {
        if StreetAddress.isOne(url) {
            do {
                _ = try StreetAddress.options(url)
                return nil
            } catch {
                return "\(error)"
            }
        }
        if let scheme, scheme != "file" { return networkProblem(scheme) }
        if let scheme = Self.known.first(where: { written.lowercased().hasPrefix($0 + ":") && $0 != "file" }) {
            return "begins with \(scheme): and no slashes; expected \(scheme)://..."
        }
        if url.hasPrefix("file:") {
            let path = String(url.dropFirst("file:".count))
            return Paths.whyUnreadable(path).map { "names \(path): \($0)" }
        }
        do {
            try InputCheck.check(url)
            return nil
        } catch {
            if isAbsentDevice { return nil }
            return url.contains("@") ? "is no file, and no address such as rtsp://host/path" : "names \(error)"
        }
    }

    private func networkProblem(_ scheme: String) -> String? {
        guard Self.known.contains(scheme) else {
            let nearest = Spelling.nearest(to: scheme, among: Self.known)
            let hint =
                nearest.map { "did you mean \($0)://?" } ?? "expected rtsp://, rtsps://, http://, https:// or a file"
            return "begins with \(quoted(scheme + "://")), which is not known; \(hint)"
        }
        let rest = url.dropFirst(scheme.count + "://".count)
        let host = rest.prefix { !"/?#".contains($0) }.split(separator: "@", omittingEmptySubsequences: false).last
        let needsHost = ["rtsp", "rtsps", "http", "https", "rtmp", "srt"].contains(scheme)
        return rest.isEmpty || needsHost && host?.isEmpty ?? true
            ? "names no host; expected such as \(scheme)://192.168.1.20/stream1" : nil
    }

    /// Those that people name first: they are what a misspelt one was meant to be.
    private static let known =
        ["rtsp", "rtsps", "http", "https"]
        + InputCheck.schemes.filter { !["rtsp", "rtsps", "http", "https"].contains($0) }
}
