extension Settings {
  /// `[Input NAME]` with `Type=socket`: metrics that programs of this host send.
  public struct Socket: Equatable, Sendable {
    /// `Path=`: where the socket lies; absolute, at most 107 bytes.
    public var path = "/run/anomalyd/metrics.sock"
    /// `SocketMode=`: who may send, as permission bits of the socket's file.
    public var mode: UInt32 = 0o666
    /// `SocketGroup=`: the group of the socket's file; empty for that of the daemon.
    public var group = ""
    /// `FlushInterval=`: over which StatsD lines are summed up, 1 s...1 h.
    public var flushInterval: Duration = .seconds(10)
    /// `IdleGauges=`: what a gauge says in an interval in which it was not sent.
    public var idleGauges = IdleGauges.absent
    /// `SignedGauges=`: what a sign before a gauge's number means.
    public var signedGauges = SignedGauges.delta
    /// `Tags=`: the keys of tags that are part of a metric's name; nil for all.
    public var tags: [String]?
    /// `TimestampPrecision=`: the unit of time stamps in the line protocol.
    public var precision = TimestampPrecision.auto
    /// `ForgetAfter=`: how long a metric may be away until its place is given to others, 1 min...1
    /// year; nil (`infinity`) for ever.
    public var forgetAfter: Duration? = .seconds(86_400)
    /// `DatagramsPerSecond=`: the most that one user may send, 1...1,000,000.
    public var datagramsPerSecond = 5_000
    /// `MaximumDatagramBytes=`: the longest datagram, 512 bytes...64 kB.
    public var datagramBytes = 8 << 10
    /// `MetricsPerSender=`: the most metrics that one user may bring, 1...100,000.
    public var metricsPerSender = 200
    /// `MaximumMetrics=`: the most metrics of all senders together, 1...100,000.
    public var maximumMetrics = 1_000
    /// `Prefix=`: what metric names begin with, before the dot; nil for the name of the input.
    /// Empty: the bare name that was sent.
    public var prefix: String?
    /// `SilenceAfter=`: how long it may deliver nothing; nil (`infinity`): for ever.
    public var silenceAfter: Duration?

    /// The defaults.
    public init() {}

    /// How often it is looked at beside the moments when datagrams arrive.
    public var interval: Duration { .seconds(1) }
  }

  /// `IdleGauges=`.
  public enum IdleGauges: String, CaseIterable, Sendable {
    /// Nothing.
    case absent
    /// Its last value again.
    case hold
  }

  /// `SignedGauges=`.
  public enum SignedGauges: String, CaseIterable, Sendable {
    /// A change of the value.
    case delta
    /// The sign of the value.
    case value
  }

  /// `TimestampPrecision=`.
  public enum TimestampPrecision: String, CaseIterable, Sendable {
    /// Found out from the size of each number.
    case auto
    /// Nanoseconds.
    case ns
    /// Microseconds.
    case us
    /// Milliseconds.
    case ms
    /// Seconds.
    case s
  }
}
