import Foundation

/// What the last call of the system that failed said, in its words.
public func systemMessage() -> String { String(cString: strerror(errno)) }

/// A text with its control characters escaped: what a camera or a file says of itself may hold sequences that a terminal
/// obeys, or lines that look like ours.
///
/// - Parameter keepsLines: line feeds are the text's own, and stay.
public func visible(_ text: String, keepsLines: Bool = false) -> String {
    text.unicodeScalars.reduce(into: "") { visible, scalar in
        let isControl = scalar.properties.generalCategory == .control && !(keepsLines && scalar == "\n")
        visible += isControl ? scalar.escaped(asASCII: true) : String(scalar)
    }
}
