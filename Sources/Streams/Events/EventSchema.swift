/// The JSON Schema (draft 2020-12) of the event log's lines.
public enum EventSchema {
    /// `Resources/events.schema.json`, built into the program.
    public static var text: String { String(decoding: PackageResources.events_schema_json, as: UTF8.self) }
}
