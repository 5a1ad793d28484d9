import Foundation

/// A time as records tell it: UTC with milliseconds, such as 2026-11-20T20:24:35.284Z. Written without taking memory.
struct RFC3339 {
    private let parts: tm
    private let milliseconds: Int32

    /// `nil` outside the years 0000 to 9999 that the format can write (a damaged file may claim any).
    init?(_ date: Date) {
        let rounded = (date.timeIntervalSince1970 * 1000).rounded()
        guard rounded >= -62_167_219_200_000, rounded < 253_402_300_800_000 else { return nil }
        var (seconds, fraction) = Int64(rounded).quotientAndRemainder(dividingBy: 1000)
        if fraction < 0 { (seconds, fraction) = (seconds - 1, fraction + 1000) }
        var (time, parts) = (time_t(seconds), tm())
        gmtime_r(&time, &parts)
        self.parts = parts
        milliseconds = Int32(fraction)
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(digitsOf: UInt(parts.tm_year + 1900), least: 4)
        let fields: [5 of (UInt8, Int32)] = [
            (UInt8(ascii: "-"), parts.tm_mon + 1), (UInt8(ascii: "-"), parts.tm_mday),
            (UInt8(ascii: "T"), parts.tm_hour), (UInt8(ascii: ":"), parts.tm_min), (UInt8(ascii: ":"), parts.tm_sec),
        ]
        for index in fields.indices {
            bytes.append(fields[index].0)
            bytes.append(digitsOf: UInt(fields[index].1), least: 2)
        }
        bytes.append(UInt8(ascii: "."))
        bytes.append(digitsOf: UInt(milliseconds), least: 3)
        bytes.append(UInt8(ascii: "Z"))
    }
}

/// UTC with milliseconds: 2026-11-20T20:24:35.284Z; `nil` outside the years 0000 to 9999.
public func rfc3339(_ date: Date) -> String? {
    guard let time = RFC3339(date) else { return nil }
    var bytes: [UInt8] = []
    time.append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
}
