/// `demo:street?seed=7&size=640x360&rate=10`: a street as the source of a stream.
public enum StreetAddress {
    public static let example = "demo:street?seed=7"
    private static let scheme = "demo:"

    /// Whether this is meant to be such an address, right or wrong.
    public static func isOne(_ text: String) -> Bool { text.lowercased().hasPrefix(scheme) }

    /// What an address without `size` and `rate` shows: enough to look at, and little to render, code and decode.
    public static let ordinary: StreetOptions = {
        var options = StreetOptions()
        (options.width, options.height, options.frameRate) = (960, 540, 12)
        return options
    }()

    /// The whole address of a street.
    public static func text(_ options: StreetOptions) -> String {
        "\(scheme)street?seed=\(options.seed)&size=\(options.width)x\(options.height)&rate=\(options.frameRate)"
    }

    /// - Throws: `StreetError`, to follow the name of the setting.
    public static func options(_ text: String) throws(StreetError) -> StreetOptions {
        let parts = text.dropFirst(scheme.count).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard isOne(text), parts.first == "street" else {
            throw StreetError("names no scene that there is; expected \(example)")
        }
        var options = ordinary
        guard parts.count == 2, !parts[1].isEmpty else { return options }
        var seen: Set<Substring> = []
        for part in parts[1].split(separator: "&", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let (key, value) = (pair[0], pair.count == 2 ? pair[1] : "")
            guard seen.insert(key).inserted else { throw StreetError("has \(key) twice; keep one") }
            switch key {
            case "seed":
                guard let seed = UInt64(value) else {
                    throw StreetError("has seed=\(value); it must be a whole number from 0 on")
                }
                options.seed = seed
            case "rate":
                guard let rate = Int(value) else {
                    throw StreetError("has rate=\(value); it must be a whole number of frames a second")
                }
                options.frameRate = rate
            case "size":
                guard let size = StreetSize(String(value)) else {
                    throw StreetError("has size=\(value); expected one such as 960x540")
                }
                (options.width, options.height) = (size.width, size.height)
            default:
                throw StreetError("asks for \"\(key)\", which is not known; known are seed, size and rate")
            }
        }
        try options.check()
        return options
    }
}
