/// Every key of `streams.conf`.
enum Key: String, CaseIterable {
    case http
    case tokenFile = "token_file"
    case tokenEnv = "token_env"
    case tokenCredential = "token_credential"
    case tlsCertificate = "tls_certificate"
    case tlsKey = "tls_key"
    case threads, lanes, batch

    case url, enabled, transport, username
    case passwordFile = "password_file"
    case passwordEnv = "password_env"
    case passwordCredential = "password_credential"
    case connectTimeout = "connect_timeout"
    case stallTimeout = "stall_timeout"
    case longestRetry = "longest_retry"
    case loop

    case model, weights, cfg, names, tree, map, threshold, nms, classes
    case classThresholds = "class_thresholds"
    case size, sizes, resize, precision, calibration
    case maxFPS = "max_fps"
    case corrupt

    case events
    case eventsRotate = "events_rotate"
    case eventsKeep = "events_keep"
    case logEmpty = "log_empty"

    case video
    case videoSegment = "video_segment"
    case videoQuality = "video_quality"
    case videoKeep = "video_keep"
    case videoLimit = "video_limit"
    case videoUsername = "video_username"
    case videoPasswordFile = "video_password_file"
    case videoPasswordEnv = "video_password_env"
    case videoPasswordCredential = "video_password_credential"

    case preview
}

extension Key {
    /// The keys of `[service]`.
    static let service: [Key] = [
        .http, .tokenFile, .tokenEnv, .tokenCredential, .tlsCertificate, .tlsKey, .threads, .lanes, .batch,
    ]
    /// The keys of `[stream.NAME]`.
    static let stream = allCases.filter { !service.contains($0) }
    /// The keys of `[defaults]`: what no two streams share is left out.
    static let defaults = stream.filter {
        ![.url, .username].contains($0) && !SecretReference.camera.keys.contains($0)
    }

    /// May be `"off"`.
    var hasOff: Bool {
        [.http, .events, .video, .videoSegment, .videoKeep, .videoLimit, .maxFPS].contains(self)
    }

    /// A value as it is written, for messages.
    var example: String {
        switch self {
        case .http: #""127.0.0.1:8420""#
        case .tokenFile: #""/etc/lookout/token""#
        case .tokenEnv: #""LOOKOUT_TOKEN""#
        case .tokenCredential: #""token""#
        case .tlsCertificate: #""/etc/lookout/cert.pem""#
        case .tlsKey: #""/etc/lookout/key.pem""#
        case .threads, .lanes: "2"
        case .batch: "1"
        case .url: #""rtsp://192.168.1.20/stream1""#
        case .enabled, .logEmpty, .preview: "true"
        case .loop: "false"
        case .transport: #""tcp""#
        case .username, .videoUsername: #""viewer""#
        case .passwordFile, .videoPasswordFile: #""/etc/lookout/gate.password""#
        case .passwordEnv, .videoPasswordEnv: #""GATE_PASSWORD""#
        case .passwordCredential, .videoPasswordCredential: #""gate-password""#
        case .connectTimeout, .stallTimeout, .longestRetry: #""10s""#
        case .model: #""yolov2-tiny""#
        case .weights: #""/var/lib/lookout/yolov2.weights""#
        case .cfg: #""yolov2""#
        case .names: #""/etc/lookout/my.names""#
        case .tree: #""/etc/lookout/9k.tree""#
        case .map: #""/etc/lookout/coco9k.map""#
        case .threshold: "0.25"
        case .nms: "0.45"
        case .classes: #"["person", "car"]"#
        case .classThresholds: "{ person = 0.5 }"
        case .size: #""416x256""#
        case .sizes: #"["288xauto", "352xauto", "416xauto"]"#
        case .resize: #""letterbox""#
        case .precision: #""int8""#
        case .calibration: #""/var/lib/lookout/yolov2.int8""#
        case .maxFPS: "5"
        case .corrupt: #""skip""#
        case .events: #""/var/log/lookout/events.jsonl""#
        case .eventsRotate: #""100MB""#
        case .eventsKeep: "5"
        case .video: #""/var/lib/lookout/{stream}.mkv""#
        case .videoSegment: #""10m""#
        case .videoQuality: "23"
        case .videoKeep: #""7d""#
        case .videoLimit: #""20GB""#
        }
    }
}
