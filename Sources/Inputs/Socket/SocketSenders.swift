import Series

/// What each user who sends may use, and has used.
///
/// A user is who answers for a process: a process could begin anew under another id for every
/// datagram. Users beyond ``SocketLimits/senders`` share one account, so that a crowd of them takes
/// from each other and not from those who were there before.
struct SocketSenders {
  /// A limit that a sender can exceed.
  enum Limit: Int, CaseIterable {
    /// Datagrams in a second.
    case rate
    /// Bytes of a datagram.
    case bytes
    /// Metrics of this sender.
    case metrics
  }

  private struct Account {
    let user: UInt32
    /// Metrics that it has brought.
    var metrics = 0
    /// Datagrams that it may send at once.
    var tokens: Double
    var refilled: Timestamp
    var lastSeen: Timestamp
    /// What was dropped for each limit since it was told last.
    var untold = [Int](repeating: 0, count: Limit.allCases.count)
    /// When each limit was told last.
    var told = [Timestamp?](repeating: nil, count: Limit.allCases.count)
  }

  /// The account that users share for whom there is no other.
  private static let shared = 0

  private var accounts: [Account] = []
  private var newest = 0
  private let rate: Double
  private let quietPeriod: Duration

  init(datagramsPerSecond: Int, quietPeriod: Duration) {
    rate = Double(datagramsPerSecond)
    self.quietPeriod = quietPeriod
    let begin = Timestamp(nanoseconds: 0)
    accounts.append(Account(user: .max, tokens: 0, refilled: begin, lastSeen: begin))
  }

  /// Users with an account of their own.
  var count: Int { accounts.count - 1 }

  /// The account of a user, opened at first sight.
  mutating func account(of user: UInt32, at now: Timestamp) -> Int {
    if accounts[newest].user != user || newest == SocketSenders.shared {
      newest = find(user) ?? open(user, at: now) ?? SocketSenders.shared
    }
    accounts[newest].lastSeen = now
    return newest
  }

  /// Whether an account may send another datagram now.
  mutating func mayGo(_ account: Int, at now: Timestamp) -> Bool {
    let elapsed = Swift.max(0, now.elapsed(since: accounts[account].refilled).inSeconds)
    accounts[account].refilled = now
    accounts[account].tokens = min(rate, accounts[account].tokens + elapsed * rate)
    guard accounts[account].tokens >= 1 else { return false }
    accounts[account].tokens -= 1
    return true
  }

  /// Metrics of an account.
  func metrics(_ account: Int) -> Int { accounts[account].metrics }

  /// Books metrics on an account.
  mutating func add(metrics: Int, to account: Int) { accounts[account].metrics += metrics }

  /// Gives metrics of a user back.
  mutating func release(metrics: Int, of user: UInt32) {
    // Whoever came without an account has none now either, or has got it since.
    let account = find(user) ?? SocketSenders.shared
    accounts[account].metrics = Swift.max(0, accounts[account].metrics - metrics)
  }

  /// Books something that was dropped.
  /// - Returns: how much was dropped for that limit, where it is time to tell; else nil.
  mutating func drop(_ limit: Limit, _ account: Int, at now: Timestamp) -> Int? {
    accounts[account].untold[limit.rawValue] += 1
    if let told = accounts[account].told[limit.rawValue], told <= now,
      now.elapsed(since: told) < quietPeriod
    {
      return nil
    }
    defer { accounts[account].untold[limit.rawValue] = 0 }
    accounts[account].told[limit.rawValue] = now
    return accounts[account].untold[limit.rawValue]
  }

  private func find(_ user: UInt32) -> Int? {
    for index in accounts.indices.dropFirst() where accounts[index].user == user { return index }
    return nil
  }

  /// An account for a new user, where need be that of one who is gone; nil where all are in use.
  private mutating func open(_ user: UInt32, at now: Timestamp) -> Int? {
    let fresh = Account(user: user, tokens: rate, refilled: now, lastSeen: now)
    if accounts.count <= SocketLimits.senders {
      accounts.append(fresh)
      return accounts.count - 1
    }
    let free = accounts.indices.dropFirst().first {
      accounts[$0].metrics == 0
        && now.elapsed(since: accounts[$0].lastSeen) >= SocketLimits.senderIdle
    }
    guard let free else { return nil }
    accounts[free] = fresh
    return free
  }
}
