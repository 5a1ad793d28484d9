// swift-tools-version: 6.2
import PackageDescription

// Floors, top to bottom: a target imports only what stands below it.
//
//   lookout                      the executable: subcommands, composition, exit codes
//   Service                      streams supervised, reload, systemd, logging
//   Web                          HTTP: health, metrics, live page
//   Settings                     streams.conf
//   Streams                      one stream: source -> decode -> infer -> sinks; drop policy; accounting
//   Annotation                   boxes and labels drawn into decoded frames
//   Training                     augmentation, losses, optimiser, checkpoints, the trainer
//   Evaluation                   a detector over a data set: average precision, result files
//   DataSets                     lists, labels, VOC, COCO; anchors
//   Models                       what models there are, where they lie, pulling them
//   Detection | Street           letterbox, region decode, NMS, WordTree, Detector | a made street to look at
//   Media | Neural               libav wrapped | network, weights, sessions on oneDNN
//   Darknet | Pipeline | Charts  cfg, weights, names, data, tree files | bounded queue, stage thread | curves as SVG
//   CFFmpeg CDNNL CPango   C libraries and what of them Swift cannot import
//   CKernels CPlatform     vector kernels (int8, sampling, peak); the little of the system that Swift cannot call
//   CModels                the files of the models that the program carries

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

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// What Hummingbird is made of, as far as the web server and its tests use it by name.
let web: [Target.Dependency] = [
    .product(name: "HTTPTypes", package: "swift-http-types"),
    .product(name: "Hummingbird", package: "hummingbird"),
    .product(name: "HummingbirdCore", package: "hummingbird"),
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]

let package = Package(
    name: "lookout",
    products: [.executable(name: "lookout", targets: ["lookout"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
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
        // Unoptimised they take fifty times as long, which no test should wait for.
        .target(name: "CKernels", cSettings: strictC + [.unsafeFlags(["-O2"])]),
        .target(name: "CPlatform", cSettings: strictC),
        .target(name: "CModels", exclude: ["files"], cSettings: strictC),

        library("Darknet", ["CModels"]),
        library("Pipeline", ["CPlatform"]),
        library("Charts", []),
        library("Media", ["CFFmpeg", "CKernels", "Pipeline"]),
        library("Neural", ["CDNNL", "CKernels", "Darknet", "Pipeline"]),
        library("Detection", ["Darknet", "Media", "Neural"]),
        library(
            "Models",
            [
                "Darknet", "Detection", "Pipeline", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        library("Annotation", ["CPango", "Media"]),
        library("Street", ["CKernels", "CPango", "Darknet", "Media", "Pipeline"]),
        library("DataSets", ["Charts", "Darknet", "Detection", "Media"]),
        library(
            "Evaluation", ["Annotation", "Charts", "DataSets", "Darknet", "Detection", "Media", "Neural", "Pipeline"]),
        library(
            "Training",
            [
                "Annotation", "Charts", "CKernels", "DataSets", "Darknet", "Detection", "Evaluation", "Media", "Neural",
                "Pipeline",
            ]),
        library(
            "Streams",
            ["Annotation", "CPlatform", "Darknet", "Detection", "Media", "Neural", "Pipeline", "Street", logging],
            resources: [.embedInCode("Resources/events.schema.json")]
        ),
        library(
            "Settings",
            [
                "Darknet", "Detection", "Media", "Models", "Neural", "Street", "Streams",
                .product(name: "TOMLKit", package: "TOMLKit"),
            ]
        ),
        library(
            "Web",
            [
                "Pipeline", "Settings", "Streams", logging, .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ] + web,
            resources: [.embedInCode("Resources/live.html")]
        ),
        library(
            "Service",
            ["Darknet", "Detection", "Neural", "Pipeline", "Settings", "Streams", "Web", "CPlatform", logging]
        ),
        .executableTarget(
            name: "lookout",
            dependencies: [
                "Annotation", "Charts", "Darknet", "DataSets", "Detection", "Evaluation", "Media", "Models", "Neural",
                "Pipeline", "Service", "Settings", "Street", "Streams", "Training", "Web", logging,
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
        .executableTarget(
            name: "training-bench",
            dependencies: ["Darknet", "Neural", "Training"],
            path: "Tests/Benchmarks/TrainingBench",
            swiftSettings: strict
        ),
        .target(name: "CAllocations", path: "Tests/CAllocations", cSettings: strictC),
        .target(
            name: "TestSupport", dependencies: ["CAllocations", "Darknet", "Pipeline", logging],
            path: "Tests/TestSupport",
            exclude: ["rtsp_server.py"], swiftSettings: strict
        ),
        tests("DarknetTests", ["CModels", "Darknet"]),
        tests("PipelineTests", ["Pipeline"]),
        tests("ChartsTests", ["Charts"]),
        tests("MediaTests", ["CKernels", "Media", "Pipeline"]),
        tests("NeuralTests", ["CKernels", "Darknet", "Neural", "Pipeline"]),
        tests("DetectionTests", ["Darknet", "Detection", "Media", "Neural"]),
        tests(
            "ModelsTests",
            [
                "Darknet", "Detection", "Models", "Pipeline",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ]),
        tests("AnnotationTests", ["Annotation", "Media"]),
        tests("StreetTests", ["CPango", "Darknet", "DataSets", "Media", "Pipeline", "Street"]),
        tests("DataSetsTests", ["Charts", "Darknet", "DataSets", "Detection", "Media"]),
        tests("EvaluationTests", ["Charts", "Darknet", "DataSets", "Detection", "Evaluation", "Media", "Neural"]),
        tests(
            "TrainingTests",
            [
                "Charts", "CKernels", "Darknet", "DataSets", "Detection", "Evaluation", "Media", "Neural", "Pipeline",
                "Training",
            ]),
        tests("StreamsTests", ["Streams", "Detection", "Media", "Neural", "Darknet", "Pipeline", logging]),
        tests("SettingsTests", ["Darknet", "Settings", "Detection", "Media", "Models", "Streams"]),
        tests(
            "WebTests",
            [
                "Detection", "Media", "Pipeline", "Settings", "Streams", "Web", logging,
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ] + web
        ),
        tests("ServiceTests", ["Settings", "Detection", "Media", "Pipeline", "Service", "Streams", logging]),
        tests(
            "LookoutTests",
            [
                "lookout", "Charts", "Darknet", "DataSets", "Detection", "Evaluation", "Media", "Models", "Neural",
                "Pipeline", "Street", "Streams", "Training",
            ]),
    ],
    swiftLanguageModes: [.v6]
)
