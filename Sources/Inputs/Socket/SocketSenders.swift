import Series

/// The limits and usage of each sending user.
///
/// Users are accountable for their processes, since a process could restart under another id for
/// every datagram. Users beyond ``SocketLimits/senders`` share one account, so that a crowd of them
/// competes with each other and not with earlier users.
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
    /// Metrics that it has created.
    var metrics = 0
    /// Datagrams that it may send immediately.
    var tokens: Double
    var refilled: Timestamp
    var lastSeen: Timestamp
    /// Number of drops for each limit since it was last reported.
    var unreported = [Int](repeating: 0, count: Limit.allCases.count)
    /// When each limit was last reported.
    var reported = [Timestamp?](repeating: nil, count: Limit.allCases.count)
  }

  /// The account shared by users without their own.
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

  /// The account of a user, created on first use.
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

  /// Charges metrics to an account.
  mutating func add(metrics: Int, to account: Int) { accounts[account].metrics += metrics }

  /// Returns metrics of a user.
  mutating func release(metrics: Int, of user: UInt32) {
    // A user who had no account then either still has none, or has got one since.
    let account = find(user) ?? SocketSenders.shared
    accounts[account].metrics = Swift.max(0, accounts[account].metrics - metrics)
  }

  /// Records a drop.
  /// - Returns: the number of drops for that limit, if it is time to report it; otherwise nil.
  mutating func drop(_ limit: Limit, _ account: Int, at now: Timestamp) -> Int? {
    accounts[account].unreported[limit.rawValue] += 1
    if let reported = accounts[account].reported[limit.rawValue], reported <= now,
      now.elapsed(since: reported) < quietPeriod
    {
      return nil
    }
    defer { accounts[account].unreported[limit.rawValue] = 0 }
    accounts[account].reported[limit.rawValue] = now
    return accounts[account].unreported[limit.rawValue]
  }

  private func find(_ user: UInt32) -> Int? {
    for index in accounts.indices.dropFirst() where accounts[index].user == user { return index }
    return nil
  }

  /// An account for a new user, reused from an inactive one if necessary; nil if all are in use.
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
