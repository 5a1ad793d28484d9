import Detection
import Evaluation
import Foundation
import Streams

/// What one evaluation of a detector found, for people and for programs.
struct EvalReport {
    var summary: Summary
    /// Of the network's input; `nil` of results that another program made.
    var shape: InputShape?
    /// The network's for a picture, the median.
    var seconds: Double?

    var size: String { shape.map { "\($0.width)x\($0.height)" } ?? "" }

    func json() -> String {
        var json = JSONLine()
        json.object { put(into: &$0) }
        return String(decoding: json.terminated, as: UTF8.self)
    }

    func put(into json: inout JSONLine) {
        if let shape {
            json.put("width", shape.width)
            json.put("height", shape.height)
        }
        if let seconds { json.put("ms_per_picture", seconds * 1e3, decimals: 3) }
        json.put("pictures", summary.pictures)
        json.put("truths", summary.truths)
        for (key, value) in figures { json.put(key, value, decimals: Self.decimals) }
        json.object("proposals") { json in
            json.put("per_picture", summary.proposals.perPicture, decimals: 3)
            json.put("mean_iou", summary.proposals.meanOverlap, decimals: Self.decimals)
            json.put("recall", summary.proposals.recall, decimals: Self.decimals)
        }
        json.object("classes") { json in
            for item in summary.classes {
                json.object(item.name) { json in
                    json.put("ap", item.ap, decimals: Self.decimals)
                    json.put("ap50", item.ap50, decimals: Self.decimals)
                    json.put("ap75", item.ap75, decimals: Self.decimals)
                    json.put("voc07", item.voc07, decimals: Self.decimals)
                    json.put("voc_area", item.vocArea, decimals: Self.decimals)
                    json.put("darknet_ap", item.darknetAP, decimals: Self.decimals)
                    json.put("truths", item.truths)
                }
            }
        }
    }

    /// So that figures can be compared with other programs'.
    private static let decimals = 9

    private var figures: [(String, Double)] {
        [
            ("ap", summary.ap), ("ap50", summary.ap50), ("ap75", summary.ap75), ("ap_small", summary.apSmall),
            ("ap_medium", summary.apMedium), ("ap_large", summary.apLarge), ("ar1", summary.ar1),
            ("ar10", summary.ar10), ("ar100", summary.ar100), ("ar_small", summary.arSmall),
            ("ar_medium", summary.arMedium), ("ar_large", summary.arLarge), ("voc07", summary.voc07),
            ("voc_area", summary.vocArea), ("darknet_map", summary.darknetMAP), ("precision", summary.precision),
            ("recall", summary.recall), ("f1", summary.f1),
        ]
    }

    // MARK: Text

    func text() -> String {
        let names = summary.classes.map { visible($0.name) }
        let width = max(10, names.map(\.count).max() ?? 0)
        var text =
            "class".padding(toLength: width, withPad: " ", startingAt: 0)
            + "  truths      AP    AP50    AP75   VOC07    area Darknet\n"
        for (name, item) in zip(names, summary.classes) {
            let values = [item.ap, item.ap50, item.ap75, item.voc07, item.vocArea, item.darknetAP]
            text +=
                name.padding(toLength: width, withPad: " ", startingAt: 0) + String(format: "%8d", item.truths)
                + values.map(Self.cell).joined() + "\n"
        }
        let all = [summary.ap, summary.ap50, summary.ap75, summary.voc07, summary.vocArea, summary.darknetMAP]
        text +=
            "all".padding(toLength: width, withPad: " ", startingAt: 0) + String(format: "%8d", summary.truths)
            + all.map(Self.cell).joined() + "\n\n"
        return text + averages()
    }

    private func averages() -> String {
        let cells = { (values: [Double]) in values.map(Self.cell).joined() }
        let proposals = summary.proposals
        var text = """
            COCO     AP small, medium, large \(cells([summary.apSmall, summary.apMedium, summary.apLarge]))
                     AR with 1, 10, 100 boxes\(cells([summary.ar1, summary.ar10, summary.ar100]))
                     AR small, medium, large \(cells([summary.arSmall, summary.arMedium, summary.arLarge]))
            above .25: precision, recall, F1 \(cells([summary.precision, summary.recall, summary.f1]))
            proposals: mean IoU, recall      \(cells([proposals.meanOverlap, proposals.recall]))
            """
        text += String(format: ", %.1f a picture\n", proposals.perPicture)
        text += "\(summary.pictures) \(summary.pictures == 1 ? "picture" : "pictures")"
        if let seconds { text += String(format: " at \(size), %.1f ms each for the network", seconds * 1e3) }
        return text + "\n"
    }

    /// Two decimals; a dash where there was nothing to judge.
    static func cell(_ value: Double) -> String {
        value.isNaN ? "       -" : String(format: "%8.2f", value)
    }
}

/// What a network gives and costs at several sizes.
struct SpeedAccuracy {
    var runs: [EvalReport]

    func json() -> String {
        var json = JSONLine()
        json.object { json in
            json.array("sizes", runs) { json, run in json.object { run.put(into: &$0) } }
        }
        return String(decoding: json.terminated, as: UTF8.self)
    }

    func text() -> String {
        var text = "size           ms     fps      AP    AP50    AP75   VOC07    area Darknet\n"
        for run in runs {
            let summary = run.summary
            let milliseconds = (run.seconds ?? .nan) * 1e3
            let figures = [summary.ap, summary.ap50, summary.ap75, summary.voc07, summary.vocArea, summary.darknetMAP]
            text +=
                run.size.padding(toLength: 9, withPad: " ", startingAt: 0)
                + String(format: "%8.1f%8.1f", milliseconds, 1e3 / milliseconds)
                + figures.map(EvalReport.cell).joined() + "\n"
        }
        return text
    }
}

/// What one evaluation of a classifier found.
struct ClassifierReport {
    var summary: ClassifierSummary

    func json() -> String {
        var json = JSONLine()
        json.object { json in
            json.put("pictures", summary.all.pictures)
            json.put("top1", summary.all.top1, decimals: 6)
            json.put("top5", summary.all.top5, decimals: 6)
            json.object("classes") { json in
                for item in summary.classes where item.pictures > 0 {
                    json.object(item.name) { json in
                        json.put("top1", item.top1, decimals: 6)
                        json.put("top5", item.top5, decimals: 6)
                        json.put("pictures", item.pictures)
                    }
                }
            }
        }
        return String(decoding: json.terminated, as: UTF8.self)
    }

    /// Classes without pictures, most of a thousand, are left out.
    func text() -> String {
        let shown = summary.classes.filter { $0.pictures > 0 }
        let width = max(10, shown.map { visible($0.name).count }.max() ?? 0)
        var text = "class".padding(toLength: width, withPad: " ", startingAt: 0) + "pictures   top-1   top-5\n"
        for item in shown + [summary.all] {
            text +=
                visible(item.name).padding(toLength: width, withPad: " ", startingAt: 0)
                + String(format: "%8d", item.pictures) + EvalReport.cell(item.top1) + EvalReport.cell(item.top5) + "\n"
        }
        return text
    }
}
