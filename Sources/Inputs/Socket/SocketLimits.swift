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
