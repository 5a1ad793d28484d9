import Darknet

/// A table of the configuration, whose values are asked for by key. What is wrong with a value is noted, and the value
/// passed over.
struct Section {
    /// As in its header: `stream.gate`.
    let name: String
    let position: Position
    let findings: Findings
    private(set) var nodes: [Key: Node] = [:]
    /// The keys that `[defaults]` gives.
    private(set) var inherited: Set<Key> = []

    /// Notes the keys that have no place in it.
    init(_ name: String, _ table: [String: Node], at position: Position, keys: [Key], findings: Findings) {
        self.name = name
        self.position = position
        self.findings = findings
        for (word, node) in table {
            if let key = Key(rawValue: word), keys.contains(key) {
                nodes[key] = node
            } else {
                findings.add(node.position, Misplaced.message(for: word, in: name, keys: keys))
            }
        }
    }

    /// With the values of `defaults` where it has none. Of the ways to name one password, to say the size, or to name the
    /// network, it has its own or theirs.
    func over(_ defaults: Section) -> Section {
        let own = Set(nodes.keys)
        var hidden = [SecretReference.video.keys, [.size, .sizes]].filter { $0.contains(where: own.contains) }.flatMap(
            \.self)
        // What the defaults say of their network is not of another.
        if own.contains(.model) { hidden += [.weights, .cfg, .names, .tree, .map, .calibration] }
        if own.contains(.weights) || own.contains(.cfg) { hidden.append(.model) }
        var merged = self
        for (key, node) in defaults.nodes where !own.contains(key) && !hidden.contains(key) {
            merged.nodes[key] = node
            merged.inherited.insert(key)
        }
        return merged
    }

    func has(_ key: Key) -> Bool { nodes[key] != nil }

    /// Notes a problem at the key, or at the header where the key is not there.
    func fail(_ key: Key, _ message: String) { findings.add(nodes[key]?.position ?? position, message) }

    func warn(_ key: Key, _ message: String) { findings.warn(nodes[key]?.position ?? position, message) }

    // MARK: Values; `nil` where the key is not there, or not right

    func text(_ key: Key) -> String? {
        guard let node = nodes[key] else { return nil }
        guard let text = node.text else { return mismatch(key, "a text") }
        guard !text.isEmpty else {
            fail(key, "\(key.rawValue) is empty; expected a text such as \(key.rawValue) = \(key.example)")
            return nil
        }
        guard !text.hasControlCharacters else {
            fail(key, "\(key.rawValue) holds a control character, such as a line end")
            return nil
        }
        return text
    }

    func flag(_ key: Key) -> Bool? {
        guard let node = nodes[key] else { return nil }
        if case .flag(let flag) = node.value { return flag }
        return mismatch(key, "true or false")
    }

    func integer(_ key: Key, in range: ClosedRange<Int>) -> Int? {
        guard let node = nodes[key] else { return nil }
        guard case .integer(let value) = node.value else {
            return mismatch(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        guard range.contains(value) else {
            fail(key, "\(key.rawValue) is \(value); it must be \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    func number(_ key: Key, in range: ClosedRange<Double>) -> Double? {
        guard let node = nodes[key] else { return nil }
        let bounds = (range.lowerBound.plain, range.upperBound.plain)
        guard let value = node.number else { return mismatch(key, "a number from \(bounds.0) to \(bounds.1)") }
        guard range.contains(value) else {
            fail(key, "\(key.rawValue) is \(value.plain); it must be \(bounds.0) to \(bounds.1)")
            return nil
        }
        return value
    }

    /// A duration in seconds, or a size in bytes.
    func measured(_ key: Key, _ measure: Measure, in range: ClosedRange<Double>) -> Double? {
        guard let node = nodes[key] else { return nil }
        let value: Double
        if let text = node.text {
            guard let measured = measure.value(of: text) else {
                fail(key, "\(key.rawValue) is \(quoted(text)); expected \(measure.expected)\(measure.hint(for: text))")
                return nil
            }
            value = measured
        } else {
            guard let number = node.number else { return mismatch(key, measure.expected) }
            value = number
        }
        guard range.contains(value) else {
            let (least, most) = (measure.text(of: range.lowerBound), measure.text(of: range.upperBound))
            fail(key, "\(key.rawValue) is \(node.text ?? value.plain); it must be \(least) to \(most)")
            return nil
        }
        return value
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: Key, of type: Choice.Type) -> Choice? {
        guard let node = nodes[key] else { return nil }
        let words = Choice.allCases.map(\.rawValue)
        let expected = words.map { "\"\($0)\"" }.joined(separator: " or ")
        guard let text = node.text else { return mismatch(key, expected) }
        if let choice = Choice(rawValue: text) { return choice }
        fail(key, "\(key.rawValue) is \(quoted(text)); expected \(expected)\(Spelling.hint(for: text, among: words))")
        return nil
    }

    func isOff(_ key: Key) -> Bool { key.hasOff && nodes[key]?.text == "off" }

    /// Notes that the value has another form than the key takes.
    func mismatch<Value>(_ key: Key, _ expected: String) -> Value? {
        guard let node = nodes[key] else { return nil }
        let off = key.hasOff ? #" or "off""# : ""
        fail(
            key,
            "\(key.rawValue) is \(node.kind); expected \(expected)\(off), such as \(key.rawValue) = \(key.example)")
        return nil
    }
}

extension Node {
    /// Whole numbers are numbers too.
    var number: Double? {
        switch value {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: nil
        }
    }
}

extension String {
    var hasControlCharacters: Bool { unicodeScalars.contains { $0.properties.generalCategory == .control } }
}
