import Detection
import Foundation
import Media
import Streams

/// Prints what was seen, picture by picture: for people, or as one JSON object.
struct PicturePrinter {
    private let asJSON: Bool
    private var isFirst = true

    init(asJSON: Bool) { self.asJSON = asJSON }

    func begin() throws { if asJSON { try printResult("{\"images\":[") } }

    func end() throws { if asJSON { try printResult((isFirst ? "" : "\n") + "]}\n") } }

    mutating func print(image: String, isStill: Bool, frame: Frame, answer: PictureAnswer) throws {
        defer { isFirst = false }
        if asJSON {
            let line = Self.json(image: image, frame: frame, answer: answer)
            try printResult((isFirst ? "\n" : ",\n") + line)
        } else {
            try printResult(
                Self.text(image: isStill ? image : "\(image) frame \(frame.index)", frame: frame, answer: answer))
        }
    }

    private static func json(image: String, frame: Frame, answer: PictureAnswer) -> String {
        var json = JSONLine()
        json.object { json in
            json.put("image", image)
            json.put("frame", frame.index)
            json.put("width", frame.width)
            json.put("height", frame.height)
            if frame.isTainted { json.put("corrupt", true) }
            switch answer {
            case .detections(let detections):
                json.array("detections", detections) { json, detection in
                    json.object { detection.encode(width: frame.width, height: frame.height, into: &$0) }
                }
            case .classes(let classes):
                json.array("classes", classes) { json, item in
                    json.object { json in
                        json.put("class", item.name)
                        json.put("class_id", item.answer.classID)
                        json.put("confidence", Double(item.answer.probability), decimals: 4)
                    }
                }
            }
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private static func text(image: String, frame: Frame, answer: PictureAnswer) -> String {
        var text = "\(image): \(frame.width)x\(frame.height)" + (frame.isTainted ? ", damaged" : "")
        switch answer {
        case .detections(let detections):
            text += detections.isEmpty ? ", nothing found\n" : "\n"
            for detection in detections {
                let box = detection.clipped
                let (width, height) = (Double(frame.width), Double(frame.height))
                text +=
                    String(
                        format: "  %3d%%  left %.0f top %.0f width %.0f height %.0f  ",
                        Int((detection.detection.confidence * 100).rounded()), box.x * width, box.y * height,
                        box.width * width, box.height * height) + detection.name + "\n"
            }
        case .classes(let classes):
            text += "\n"
            for (name, answer) in classes {
                text += String(format: "  %5.2f%%  ", answer.probability * 100) + name + "\n"
            }
        }
        return text
    }
}
