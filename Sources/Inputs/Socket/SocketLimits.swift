/// The limits of every socket input, so that no sender can exhaust memory or block the daemon.
enum SocketLimits {
  /// Bytes read in one poll: some 2,500 short lines.
  static let pollBytes = 1 << 16
  /// What a datagram adds to ``pollBytes`` beyond its own bytes, for the system's overhead.
  static let datagramCost = 64
  /// Users with an account of their own; further ones share one.
  static let senders = 64
  /// How long a user without metrics keeps an account when others need it.
  static let senderIdle = Duration.seconds(60)
  /// The maximum number of tags of a line.
  static let tags = 32
  /// Timer values kept per interval; beyond that, a random sample.
  static let timerValues = 512
  /// How often the existence of the socket's file is checked.
  static let pathCheck = Duration.seconds(1)
  /// How far a time stamp of the line protocol may be in the future.
  static let ahead = Duration.seconds(60)
  /// How far it may be in the past.
  static let behind = Duration.seconds(86_400)
  /// How many quoted texts of one line may contain line ends.
  static let quotedTexts = 16
}
