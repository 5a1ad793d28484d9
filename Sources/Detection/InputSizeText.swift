extension InputSize {
    /// `network`, `auto`, `416x256`, or `416` for both sides.
    ///
    /// - Throws: what is wrong with it, beginning with the text.
    public init(text: String) throws(DetectionError) {
        switch text {
        case "network": self = .network
        case "auto": self = .auto
        default:
            let parts = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(parts.count), let width = parts[0], let height = parts.last ?? nil else {
                throw DetectionError("\(text) is neither WxH, such as 416x256, nor auto or network")
            }
            for side in [width, height] where !(32...4096).contains(side) || side % 32 != 0 {
                throw DetectionError("\(text): \(side) is not a multiple of 32 from 32 to 4096")
            }
            self = .fixed(width: width, height: height)
        }
    }
}
