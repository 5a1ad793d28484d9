import Foundation
import Testing

@testable import Streams

@Suite("Event schema") struct EventSchemaTests {
    /// The types that the contract names, each with what it must hold.
    @Test func itIsJSONAndKnowsAllRecords() throws {
        let schema = try #require(try JSONSerialization.jsonObject(with: Data(EventSchema.text.utf8)) as? [String: Any])
        #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
        let alternatives = try #require(schema["oneOf"] as? [[String: String]]).compactMap { $0["$ref"] }
        let types = ["stream_up", "stream_down", "gap", "stream_end", "frame"]
        #expect(alternatives == types.map { "#/$defs/\($0)" })
        let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        for type in types { #expect(definitions[type]?["required"] is [String]) }
    }
}
