/// Makes any text fit for one line of label; nil when nothing of it could be seen.
///
/// Class names come from files that others wrote: control characters and line breaks become spaces, marks that turn
/// the writing direction go (one left open would reverse the confidence), and the middle of a text too long for any
/// picture goes, so that shaping stays cheap.
func lineOfText(_ text: String) -> String? {
    let head = 160
    let tail = 32
    let scalars = text.unicodeScalars
    var line = String.UnicodeScalarView()
    if scalars.count > head + tail {
        append(scalars.prefix(head), to: &line)
        line.append("…")
        append(scalars.suffix(tail), to: &line)
    } else {
        append(scalars[...], to: &line)
    }
    return line.allSatisfy(\.properties.isWhitespace) ? nil : String(line)
}

private func append(_ scalars: Substring.UnicodeScalarView, to line: inout String.UnicodeScalarView) {
    /// Asks for an emoji as a plain outline: of a coloured one, a mask would keep only a blot.
    let textPresentation: Unicode.Scalar = "\u{FE0E}"
    for scalar in scalars {
        switch scalar {
        case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}", "\u{FE0E}", "\u{FE0F}":
            continue
        default:
            break
        }
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator:
            line.append(" ")
        default:
            line.append(scalar)
            if scalar.properties.isEmojiPresentation { line.append(textPresentation) }
        }
    }
}
