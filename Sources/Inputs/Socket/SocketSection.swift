public import Config

/// `[Input NAME]` with `Type=socket`: metrics sent by programs on this host.
public struct SocketSection: InputSection {
  /// `Type=`.
  public static let typeName = "socket"
  /// What it is.
  public static let summary = "what programs send to a socket"
  /// The manual's introduction.
  public static let manual =
    "A Unix datagram socket for programs on this host. A datagram contains one or more lines, "
    + "each in StatsD format with DogStatsD extensions (name:value|type) or in InfluxDB line "
    + "protocol (name,tag=value field=value timestamp). anomalyctl send sends from a shell."

  /// The socket's name in the directory for sockets.
  public static let fileName = "metrics.sock"
  /// Its path for the service.
  public static let systemPath = "/run/anomalyd/" + fileName

  /// `IdleGauges=`: what a gauge delivers in an interval in which it was not sent.
  public enum IdleGauges: String, CaseIterable, Sendable {
    /// Nothing, so that it shows when its sender is gone.
    case absent
    /// Its last value again.
    case hold
  }

  /// `SignedGauges=`: the meaning of a sign before a gauge's number.
  public enum SignedGauges: String, CaseIterable, Sendable {
    /// A change of the value, as in StatsD.
    case delta
    /// The sign of the value, as in DogStatsD.
    case value
  }

  /// `Tags=`: which tags are part of a metric's name.
  public enum Tags: Equatable, Sendable {
    /// Every tag.
    case all
    /// Those with these keys; empty for none.
    case chosen([String])
  }

  /// `TimestampPrecision=`: the unit of time stamps in the line protocol.
  public enum Precision: String, CaseIterable, Sendable {
    /// Determined from the size of each number.
    case automatic = "auto"
    /// Nanoseconds.
    case nanoseconds = "ns"
    /// Microseconds.
    case microseconds = "us"
    /// Milliseconds.
    case milliseconds = "ms"
    /// Seconds.
    case seconds = "s"
  }

  /// `Path=`: the path of the socket; absolute, at most 107 bytes.
  public var path = SocketSection.systemPath
  /// `SocketMode=`: who may send: the permission bits of the socket's file.
  public var mode: UInt32 = 0o666
  /// `SocketGroup=`: the group of the socket's file; empty for the daemon's.
  public var group = ""
  /// `FlushInterval=`: the interval over which StatsD lines are aggregated, 1 s...1 h.
  public var flushInterval: Duration = .seconds(10)
  /// `IdleGauges=`: what a gauge delivers in an interval in which it was not sent.
  public var idleGauges = IdleGauges.absent
  /// `SignedGauges=`: the meaning of a sign before a gauge's number.
  public var signedGauges = SignedGauges.delta
  /// `Tags=`: which tags are part of a metric's name.
  public var tags = Tags.all
  /// `TimestampPrecision=`: the unit of time stamps in the line protocol.
  public var precision = Precision.automatic
  /// `ForgetAfter=`: how long a metric may go unsent before its slot is freed, 1 min...1 year; nil
  /// (`infinity`): forever.
  public var forgetAfter: Duration? = .seconds(86_400)
  /// `DatagramsPerSecond=`: maximum rate of one user's processes, 1...1,000,000.
  public var datagramsPerSecond = 5_000
  /// `MaximumDatagramBytes=`: the longest datagram, 512 bytes...64 kB.
  public var datagramBytes = 8 << 10
  /// `MetricsPerSender=`: maximum number of metrics created by one user's processes, 1...100,000.
  public var metricsPerSender = 200
  /// `MaximumMetrics=`: maximum number of metrics of all senders together, 1...100,000.
  public var maximumMetrics = 1_000
  /// `Prefix=`: the prefix of metric names, before a dot and the sent name; empty for none, nil for
  /// the name of the input.
  public var prefix: String?
  /// `StallAfter=`: how long it may deliver nothing; nil (`infinity`): forever.
  public var stallAfter: Duration?

  /// How long a kind of problem must not recur before its next occurrence is reported again.
  public var quietPeriod = Duration.seconds(300)

  /// The defaults.
  public init() {}

  /// The defaults with the socket in another directory.
  public static func defaults(runtimeDirectory: String) -> SocketSection {
    var result = SocketSection()
    result.path = runtimeDirectory + "/" + fileName
    return result
  }

  /// How often the socket is checked in addition to when datagrams arrive.
  public var interval: Duration { .seconds(1) }
  /// The path.
  public var subject: String { "what is sent to \(path)" }
  /// The interval of the sums.
  public var rhythm: InputRhythm { .summedUp(every: flushInterval) }
  /// Long enough for most senders.
  public var trialPlan: InputTrialPlan { .listening(.seconds(5)) }

  /// With aggregation over the shortest interval.
  public func forTrial() -> SocketSection {
    var result = self
    result.flushInterval = .seconds(1)
    return result
  }

  /// With the socket in that user's directory unless it was configured.
  public func ofUser(runtimeDirectory: String) -> SocketSection {
    guard path == SocketSection.systemPath else { return self }
    var result = self
    result.path = SocketSection.defaults(runtimeDirectory: runtimeDirectory).path
    return result
  }

  /// The input `name`.
  public func make(name: String) -> any Input { SocketInput(name: name, configuration: self) }

  /// A path has one socket.
  public func conflict(with earlier: SocketSection) -> SectionConflict? {
    guard path == earlier.path else { return nil }
    return SectionConflict(key: "Path", reason: "both listen at \(path)")
  }

  /// The keys.
  public static let keys: [Key<SocketSection>] = [
    Key(
      "Path",
      \.path,
      .socketPath,
      "The path of the socket. Under systemd, the default is $RUNTIME_DIRECTORY/metrics.sock. A "
        + "socket that systemd passes for this path (ListenDatagram= in a socket unit) is used."
    ),
    Key(
      "SocketMode",
      \.mode,
      SocketSyntax.fileMode,
      "Permission bits of the socket: 0666 lets everybody send, 0660 members of its group. The "
        + "keys below limit what a single user can consume."
    ),
    Key(
      "SocketGroup",
      \.group,
      SocketSyntax.groupName,
      "The group of the socket. The daemon must be a member: SupplementaryGroups= in a drop-in "
        + "for anomalyd.service. Default: the daemon's group.",
      example: "www-data"
    ),
    Key(
      "FlushInterval",
      \.flushInterval,
      .timeSpan(.seconds(1) ... .seconds(3_600)),
      "The interval over which StatsD lines are aggregated, aligned to whole multiples of its "
        + "length. Counters become a rate per second, 0 if nothing was sent; timers become .rate "
        + "(per second), .mean, .p95 and .max; sets become the number of distinct members. Line "
        + "protocol fields are passed on as they arrive."
    ),
    Key(
      "IdleGauges",
      \.idleGauges,
      .choice(),
      "What a gauge delivers in an interval in which it was not sent: nothing, so that a missing "
        + "sender is noticed; or its last value again, for senders that send changes only."
    ),
    Key(
      "SignedGauges",
      \.signedGauges,
      .choice(),
      "How to interpret a sign before a gauge's value: as a relative change, as in StatsD, or as "
        + "part of the number, as in DogStatsD."
    ),
    Key(
      "Tags",
      \.tags,
      SocketSyntax.tags,
      "Tags to include in metric names, as ,key=value in the order of their keys; others are "
        + "dropped, and samples that differ only in those belong to the same metric. A second "
        + "assignment adds to the first."
    ),
    Key(
      "TimestampPrecision",
      \.precision,
      .choice(),
      "The unit of time stamps in line protocol; auto determines it from the magnitude of each "
        + "number. Time stamps more than a day old or more than a minute ahead are malformed."
    ),
    Key(
      "ForgetAfter",
      \.forgetAfter,
      .timeSpanOrInfinity(.seconds(60) ... .seconds(365 * 86_400)),
      "How long a metric may not be sent before it no longer counts towards the limits; until "
        + "then, an idle counter is 0."
    ),
    Key(
      "DatagramsPerSecond",
      \.datagramsPerSecond,
      .wholeNumber(1...1_000_000),
      "Maximum number of datagrams per second and user. Anything beyond this limit and the next "
        + "two is dropped, counted, and logged once."
    ),
    Key(
      "MaximumDatagramBytes",
      \.datagramBytes,
      .byteSize(512...(64 << 10)),
      "Maximum size of a datagram, which may contain many lines. Longer ones are dropped as a "
        + "whole."
    ),
    Key(
      "MetricsPerSender",
      \.metricsPerSender,
      .wholeNumber(1...100_000),
      "Maximum number of metrics created by processes of one user; a timer counts as four."
    ),
    Key(
      "MaximumMetrics",
      \.maximumMetrics,
      .wholeNumber(1...100_000),
      "Maximum number of metrics of all senders, so that other inputs are left room below the "
        + "limit in [Agent]."
    ),
    Key(
      "Prefix",
      \.prefix,
      TextSyntax.prefix,
      "Prefix of metric names, before a dot and the name that was sent. Default: NAME of the "
        + "section; \"\" for none.",
      example: "plant1"
    ),
    .stallAfter("The right value depends on the senders."),
  ]
}

/// The syntax of modes, groups and tags.
private enum SocketSyntax {
  /// Permission bits in octal digits.
  static let fileMode = ValueSyntax<UInt32>(
    expectation: "permission bits as octal digits such as 0660"
  ) {
    text in
    guard (3...4).contains(text.utf8.count) else { return nil }
    return UInt32(text, radix: 8).flatMap { $0 <= 0o777 ? $0 : nil }
  } format: {
    "0" + String($0 | 0o1000, radix: 8).dropFirst()
  }

  /// The name of a group as created by useradd(8).
  static let groupName = ValueSyntax<String>(expectation: "the name of a group") { text in
    let isName = text.utf8.enumerated().allSatisfy { index, byte in
      switch byte {
      case 0x41...0x5A, 0x61...0x7A, 0x5F: true
      case 0x30...0x39, 0x2D, 0x2E: index > 0
      default: false
      }
    }
    return isName && (1...31).contains(text.utf8.count) ? text : nil
  } format: {
    $0
  }

  /// Keys of tags, `all` or `none`.
  static let tags = ValueSyntax<SocketSection.Tags>(
    expectation: "all, none, or at most 32 tag keys separated by white space",
    adding: { before, more in
      guard case .chosen(let keys) = before, case .chosen(let others) = more else { return .all }
      return .chosen(keys + others)
    }
  ) { text in
    guard let words = Words.split(text)?.map(\.text), words.count <= 32,
      words.allSatisfy({ (1...100).contains($0.utf8.count) })
    else { return nil }
    if words == ["all"] { return .all }
    if words == ["none"] { return .chosen([]) }
    guard !words.isEmpty, !words.contains("all"), !words.contains("none") else { return nil }
    return .chosen(words)
  } format: { tags in
    guard case .chosen(let keys) = tags else { return "all" }
    return keys.isEmpty ? "none" : keys.map { Words.format($0) }.joined(separator: " ")
  }
}
