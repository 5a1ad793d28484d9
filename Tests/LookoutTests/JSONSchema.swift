import Foundation

/// Checks values against the part of JSON Schema (draft 2020-12) that events.schema.json uses. A keyword it does not
/// know is an error, so that nothing in the schema goes unchecked.
struct JSONSchema {
    private let root: [String: Any]

    struct Violation: Error, CustomStringConvertible { let description: String }

    init(_ data: Data) throws {
        guard let root = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw Violation(description: "a schema is an object")
        }
        self.root = root
    }

    func validate(line: some StringProtocol) throws {
        try validate(try JSONSerialization.jsonObject(with: Data(line.utf8), options: .fragmentsAllowed), root, at: "$")
    }

    private func validate(_ value: Any, _ schema: [String: Any], at place: String) throws {
        for (keyword, rule) in schema { try check(value, keyword, rule, at: place) }
    }

    private func check(_ value: Any, _ keyword: String, _ rule: Any, at place: String) throws {
        let object = value as? [String: Any]
        switch (keyword, rule) {
        case ("$schema", _), ("title", _), ("description", _), ("$defs", _): return
        case ("$ref", let reference as String): try validate(value, definition(reference), at: place)
        case ("allOf", let schemas as [[String: Any]]):
            for schema in schemas { try validate(value, schema, at: place) }
        case ("oneOf", let schemas as [[String: Any]]): try checkOneOf(value, schemas, at: place)
        case ("type", let type as String):
            try require(Self.isOf(type, value), place, "is not of type \(type): \(value)")
        case ("const", _): try require(Self.equal(value, rule), place, "is \(value), not \(rule)")
        case ("enum", let values as [Any]):
            try require(values.contains { Self.equal(value, $0) }, place, "is \(value), none of \(values)")
        case ("required", let keys as [String]):
            for key in keys where object != nil { try require(object?[key] != nil, place, "lacks \(key)") }
        case ("dependentRequired", let pairs as [String: [String]]):
            for (key, others) in pairs where object?[key] != nil {
                for other in others { try require(object?[other] != nil, place, "has \(key) but lacks \(other)") }
            }
        case ("properties", let schemas as [String: [String: Any]]):
            for (key, schema) in schemas {
                if let member = object?[key] { try validate(member, schema, at: "\(place).\(key)") }
            }
        case ("additionalProperties", let schema as [String: Any]):
            // The schema has none beside "properties", whose keys it would not be for.
            for (key, member) in object ?? [:] { try validate(member, schema, at: "\(place).\(key)") }
        case ("items", let schema as [String: Any]):
            for (index, element) in (value as? [Any] ?? []).enumerated() {
                try validate(element, schema, at: "\(place)[\(index)]")
            }
        case ("minimum", let limit as Double), ("maximum", let limit as Double),
            ("exclusiveMinimum", let limit as Double):
            guard Self.isOf("number", value), let number = value as? Double else { return }
            let holds = keyword == "minimum" ? number >= limit : keyword == "maximum" ? number <= limit : number > limit
            try require(holds, place, "is \(number), beyond the \(keyword) \(limit)")
        case ("minLength", let length as Int):
            if let text = value as? String { try require(text.unicodeScalars.count >= length, place, "is too short") }
        case ("pattern", let pattern as String):
            guard let text = value as? String else { return }
            try require(
                text.range(of: pattern, options: .regularExpression) != nil, place, "is \(text), not \(pattern)")
        default: throw Violation(description: "\(place): the schema's \(keyword) is not known here")
        }
    }

    private func checkOneOf(_ value: Any, _ schemas: [[String: Any]], at place: String) throws {
        var failures: [String] = []
        for schema in schemas {
            do { try validate(value, schema, at: place) } catch let violation as Violation {
                failures.append("\(violation)")
            }
        }
        let matches = schemas.count - failures.count
        try require(matches == 1, place, "matches \(matches) alternatives: \(failures.joined(separator: "; "))")
    }

    private func definition(_ reference: String) throws -> [String: Any] {
        let prefix = "#/$defs/"
        guard reference.hasPrefix(prefix), let definitions = root["$defs"] as? [String: [String: Any]],
            let found = definitions[String(reference.dropFirst(prefix.count))]
        else { throw Violation(description: "the schema has no \(reference)") }
        return found
    }

    private func require(_ condition: Bool, _ place: String, _ message: String) throws {
        if !condition { throw Violation(description: "\(place) \(message)") }
    }

    private static func isOf(_ type: String, _ value: Any) -> Bool {
        switch type {
        case "object": return value is [String: Any]
        case "array": return value is [Any]
        case "string": return value is String
        case "boolean": return isBoolean(value)
        case "number": return value is NSNumber && !isBoolean(value)
        case "integer": return !isBoolean(value) && (value as? Double).map { $0 == $0.rounded() } == true
        default: return false
        }
    }

    /// NSNumber holds truth values too; their encoding tells them from numbers.
    private static func isBoolean(_ value: Any) -> Bool {
        (value as? NSNumber).map { String(cString: $0.objCType) == "c" } == true
    }

    private static func equal(_ a: Any, _ b: Any) -> Bool {
        isBoolean(a) == isBoolean(b) && (a as? NSObject)?.isEqual(b as? NSObject) == true
            || (a as? String) != nil && (a as? String) == (b as? String)
            || !isBoolean(a) && !isBoolean(b) && (a as? Double) != nil && (a as? Double) == (b as? Double)
    }
}
