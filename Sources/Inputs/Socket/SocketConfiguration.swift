/// Where a socket lies, who may send to it, and how what arrives is read and summed up.
public struct SocketConfiguration: Equatable, Sendable {
  /// What a gauge says in an interval in which it was not sent.
  public enum IdleGauges: String, Equatable, Sendable {
    /// Nothing: that its sender is gone can be seen.
    case absent
    /// Its last value again.
    case hold
  }

  /// What a sign before a gauge's number means.
  public enum SignedGauges: String, Equatable, Sendable {
    /// A change of the value, as in StatsD.
    case delta
    /// The sign of the value, as in DogStatsD.
    case value
  }

  /// Which tags are part of a metric's name.
  public enum Tags: Equatable, Sendable {
    /// Every tag.
    case all
    /// Those with these keys; empty for none.
    case chosen([String])
  }

  /// The unit of time stamps in the line protocol.
  public enum Precision: String, Equatable, Sendable {
    /// Found out from the size of each number.
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

  /// The name of the configuration section.
  public var name: String
  /// Where the socket lies; absolute, at most 107 bytes.
  public var path: String
  /// Who may send: the permission bits of the socket's file.
  public var mode: UInt32 = 0o666
  /// The group of the socket's file; empty for that of the daemon.
  public var group = ""
  /// The interval over which StatsD lines are summed up.
  public var flushInterval = Duration.seconds(10)
  /// What a gauge says in an interval in which it was not sent.
  public var idleGauges = IdleGauges.absent
  /// What a sign before a gauge's number means.
  public var signedGauges = SignedGauges.delta
  /// Which tags are part of a metric's name.
  public var tags = Tags.all
  /// The unit of time stamps in the line protocol.
  public var precision = Precision.automatic
  /// How long a metric may be away until its place is given to others; nil for ever.
  public var forgetAfter: Duration? = .seconds(86_400)
  /// The most datagrams that one user's processes may send in a second.
  public var datagramsPerSecond = 5_000
  /// The longest datagram in bytes.
  public var datagramBytes = 8_192
  /// The most metrics that one user's processes may bring.
  public var metricsPerSender = 200
  /// The most metrics of all senders together.
  public var maximumMetrics = 1_000
  /// What metric names begin with, before a dot and the sent name; empty for none.
  public var prefix: String
  /// How long a kind of problem must stay away before its next occurrence is told again.
  public var quietPeriod = Duration.seconds(300)

  /// A socket with every other setting at its default.
  public init(name: String, path: String) {
    self.name = name
    self.path = path
    prefix = name
  }
}

/// The limits of every socket input, so that no sender can grow it or keep the daemon from its work.
enum SocketLimits {
  /// Bytes that are read in one poll: with short lines some 2,500 of them.
  static let pollBytes = 1 << 16
  /// What a datagram counts in ``pollBytes`` beside its own bytes: the system's work for it.
  static let datagramCost = 64
  /// Users that are told apart; those beyond share one account.
  static let senders = 64
  /// How long a user without metrics keeps an account when others need it.
  static let senderIdle = Duration.seconds(60)
  /// The most tags of a line.
  static let tags = 32
  /// Values of a timer that are kept in an interval; of more, a random choice.
  static let timerValues = 512
  /// How often it is looked whether the socket's file is still there.
  static let pathCheck = Duration.seconds(1)
  /// How far a time stamp of the line protocol may lie ahead: two clocks of one host are one.
  static let ahead = Duration.seconds(60)
  /// How far it may lie back.
  static let behind = Duration.seconds(86_400)
}
