// swift-tools-version: 6.2
import PackageDescription

// Floors, top to bottom: a target imports only what stands below it.
//
//   lookout                      the executable: subcommands, composition, exit codes
//   Streams                      one stream: source -> decode -> infer -> sinks; accounting
//   Annotation                   boxes and labels drawn into decoded frames
//   Detection                    letterbox, region decode, NMS, WordTree, Detector
//   Media | Neural               libav wrapped | network, weights, sessions on oneDNN
//   Darknet | Pipeline           cfg, weights, names, data, tree files | bounded queue, stage thread
//   CFFmpeg CDNNL CPango CPlatform   C libraries and the little that Swift cannot import from them

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
let strictC: [CSetting] = [.treatAllWarnings(as: .error)]

func library(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: strict)
}

let package = Package(
    name: "lookout",
    products: [.executable(name: "lookout", targets: ["lookout"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .systemLibrary(
            name: "CFFmpeg",
            pkgConfig: "libavfilter libavformat libavcodec libswscale libavutil",
            providers: [
                .apt(["libavfilter-dev", "libavformat-dev", "libavcodec-dev", "libswscale-dev", "libavutil-dev"])
            ]
        ),
        .systemLibrary(name: "CPango", pkgConfig: "pangocairo", providers: [.apt(["libpango1.0-dev"])]),
        .target(name: "CDNNL", cSettings: strictC, linkerSettings: [.linkedLibrary("dnnl")]),
        .target(name: "CPlatform", cSettings: strictC),

        library("Darknet", []),
        library("Pipeline", ["CPlatform"]),
        library("Media", ["CFFmpeg"]),
        library("Neural", ["CDNNL", "Darknet", "Pipeline"]),
        library("Detection", ["Darknet", "Media", "Neural"]),
        library("Annotation", ["CPango", "Media"]),
        library(
            "Streams", ["Annotation", "Darknet", "Detection", "Media", "Neural", "Pipeline"],
            resources: [.embedInCode("Resources/events.schema.json")]
        ),
        .executableTarget(
            name: "lookout",
            dependencies: [
                "Annotation", "Darknet", "Detection", "Media", "Neural", "Pipeline", "Streams",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),

        // Times a network alone for Tests/Benchmarks, which visits it in turn with its peers.
        .executableTarget(
            name: "network-bench",
            dependencies: ["Darknet", "Neural"],
            path: "Tests/Benchmarks/NetworkBench",
            swiftSettings: strict
        ),
        .target(
            name: "TestSupport", dependencies: ["Darknet", "Pipeline"], path: "Tests/TestSupport", swiftSettings: strict
        ),
        tests("DarknetTests", ["Darknet"]),
        tests("PipelineTests", ["Pipeline"]),
        tests("MediaTests", ["Media", "Pipeline"]),
        tests("NeuralTests", ["Darknet", "Neural", "Pipeline"]),
        tests("DetectionTests", ["Darknet", "Detection", "Media", "Neural"]),
        tests("AnnotationTests", ["Annotation", "Media"]),
        tests("StreamsTests", ["Streams", "Detection", "Media", "Neural", "Darknet"]),
        tests("LookoutTests", ["lookout", "Darknet", "Detection", "Media", "Streams"]),
    ],
    swiftLanguageModes: [.v6]
)
