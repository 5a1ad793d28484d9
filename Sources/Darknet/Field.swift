/// A key of a section and where its value lives, so that reading and writing share one table.
enum Field<Owner>: Sendable {
    typealias Path<Value> = any WritableKeyPath<Owner, Value> & Sendable

    case int(String, Path<Int>, ClosedRange<Int>)
    case float(String, Path<Float>, ClosedRange<Float> = .finite)
    case flag(String, Path<Bool>)
    case string(String, Path<String?>)
}

extension OptionSection {
    /// Takes every field that is present; the others keep their values.
    mutating func read<Owner>(_ fields: [Field<Owner>], into owner: inout Owner) throws(DarknetError) {
        for field in fields {
            switch field {
            case .int(let key, let path, let range):
                owner[keyPath: path] = try int(key, default: owner[keyPath: path], in: range)
            case .float(let key, let path, let range):
                owner[keyPath: path] = try float(key, default: owner[keyPath: path], in: range)
            case .flag(let key, let path):
                owner[keyPath: path] = try flag(key, default: owner[keyPath: path])
            case .string(let key, let path):
                owner[keyPath: path] = take(key)?.value ?? owner[keyPath: path]
            }
        }
    }
}

/// Collects the lines of a cfg.
struct OptionWriter {
    private(set) var text = ""

    mutating func section(_ name: String) { text += text.isEmpty ? "[\(name)]\n" : "\n[\(name)]\n" }

    mutating func put(_ key: String, _ value: some CustomStringConvertible) { text += "\(key)=\(value)\n" }

    mutating func put(_ key: String, _ list: [some CustomStringConvertible]) {
        put(key, list.map(\.description).joined(separator: ","))
    }

    /// Writes the fields whose values are not the default ones.
    mutating func put<Owner>(_ fields: [Field<Owner>], of owner: Owner, unless defaults: Owner) {
        for field in fields {
            switch field {
            case .int(let key, let path, _):
                if owner[keyPath: path] != defaults[keyPath: path] { put(key, owner[keyPath: path]) }
            case .float(let key, let path, _):
                if owner[keyPath: path] != defaults[keyPath: path] { put(key, owner[keyPath: path]) }
            case .flag(let key, let path):
                if owner[keyPath: path] != defaults[keyPath: path] { put(key, owner[keyPath: path] ? 1 : 0) }
            case .string(let key, let path):
                if let value = owner[keyPath: path] { put(key, value) }
            }
        }
    }
}
