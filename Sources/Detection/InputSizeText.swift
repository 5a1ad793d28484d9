extension InputSize {
    /// `network`, `auto`, `416x256`, `416` for both sides, or `416xauto` for the longer one.
    ///
    /// - Throws: what is wrong with it, beginning with the text.
    public init(text: String) throws(DetectionError) {
        switch text {
        case "network": self = .network
        case "auto": self = .auto
        default:
            let words = text.lowercased().split(separator: "x", omittingEmptySubsequences: false)
            let isLonger = words.count == 2 && words[1] == "auto"
            let sides = (isLonger ? words.dropLast() : words).map { Int($0) }
            guard (1...2).contains(sides.count), let width = sides[0], let height = sides.last ?? nil else {
                throw DetectionError("\(text) is neither WxH, such as 416x256 or 416xauto, nor auto or network")
            }
            for side in [width, height] where !(32...4096).contains(side) || side % 32 != 0 {
                throw DetectionError("\(text): \(side) is not a multiple of 32 from 32 to 4096")
            }
            self = isLonger ? .longerSide(width) : .fixed(width: width, height: height)
        }
    }
}
