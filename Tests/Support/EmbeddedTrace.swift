public import Series

/// The event trace of a synthetic embedded system with five threads and labelled anomalies; the
/// same in every run.
///
/// Periodic jobs with branches and work in every eighth cycle, a protocol handler driven by
/// messages of several kinds, a flash writer, interrupts of two periodic and one random source, and
/// a wandering user interface. The next event depends on more than the previous one.
public struct EmbeddedTrace {
  /// One event.
  public struct Event: Equatable, Sendable {
    /// The id.
    public var id: String
    /// The time.
    public var timestamp: Timestamp
  }

  /// How a thread was altered.
  public enum Fault: String, CaseIterable, Sendable {
    /// Two adjacent, different events are swapped.
    case swapped
    /// An event is missing.
    case missing
    /// An event is 30 times later than it should be, and everything after it as well.
    case delayed
    /// An event with an unknown id.
    case unknown
    /// The last few events are repeated at their usual pace.
    case stuck
  }

  /// One injected anomaly.
  public struct Label: Equatable, Sendable {
    /// The kind.
    public var fault: Fault
    /// The affected events of the thread: indices in ``Thread/events``.
    public var places: Range<Int>
  }

  /// One thread's events.
  public struct Thread: Sendable {
    /// Its name.
    public var name: String
    /// In time order.
    public var events: [Event]
    /// In time order; none overlap.
    public var labels: [Label]
  }

  /// Five threads, each with its own time.
  public let threads: [Thread]

  /// Threads of `events` events each; anomalies, if requested, from event 3,000 on, one in 250
  /// events.
  public init(events: Int, seed: UInt64, withFaults: Bool) {
    var random = TraceRandom(seed: seed)
    let makers: [(String, (inout TraceRandom, Int) -> [(String, Double)])] = [
      ("control", EmbeddedTrace.control), ("comms", EmbeddedTrace.comms),
      ("storage", EmbeddedTrace.storage), ("irq", EmbeddedTrace.interrupts),
      ("ui", EmbeddedTrace.interface),
    ]
    threads = makers.map { name, make in
      var steps = make(&random, events)
      let labels = withFaults ? EmbeddedTrace.inject(&steps, &random) : []
      var nanoseconds: Int64 = 1_767_571_200_000_000_000
      let events = steps.map { id, microseconds in
        nanoseconds += Int64(microseconds) * 1000
        return Event(id: id, timestamp: Timestamp(nanoseconds: nanoseconds))
      }
      return Thread(name: name, events: events, labels: labels)
    }
  }

  /// All threads' events in time order, as in a trace of the whole system.
  public var merged: [(thread: String, event: Event)] {
    threads.flatMap { thread in thread.events.map { (thread.name, $0) } }
      .sorted { ($0.1.timestamp, $0.0) < ($1.1.timestamp, $1.0) }
  }
}

/// The trace's random numbers: xorshift64.
struct TraceRandom {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    for _ in 0..<8 { _ = uniform() }
  }

  mutating func uniform() -> Double {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Double(state >> 11) / 9_007_199_254_740_992
  }

  mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

  mutating func below(_ count: Int) -> Int { Int(uniform() * Double(count)) }

  /// Around `mean`, a quarter of it to either side, sometimes more.
  mutating func about(_ mean: Double) -> Double {
    let bell = (uniform() + uniform() + uniform() + uniform() - 2) / 2
    return max(1, mean * (1 + 0.5 * bell) * (chance(0.01) ? 2 : 1))
  }

  /// Exponential, as between independent arrivals.
  mutating func wait(_ mean: Double) -> Double {
    var sum = 0.0
    // -ln(u) as a sum of halvings, so that no library is needed.
    var u = uniform()
    while u < 0.5 {
      sum += 0.693_147
      u *= 2
    }
    let x = (1 - u) / (1 + u)
    return max(1, mean * (sum + 2 * x * (1 + x * x / 3 + x * x * x * x / 5)))
  }
}

extension EmbeddedTrace {
  /// A 10 ms job: read, filter, compute, act or hold; a longer cycle every eighth time.
  static func control(_ random: inout TraceRandom, _ count: Int) -> [(String, Double)] {
    var steps: [(String, Double)] = []
    var cycle = 0
    while steps.count < count {
      steps.append(("tick", random.about(9_000)))
      steps.append(("read_sensor", random.about(120)))
      steps.append(("filter", random.about(300)))
      if cycle % 8 == 7 {
        steps.append(("calibrate", random.about(800)))
        steps.append(("filter", random.about(300)))
      }
      steps.append(("compute", random.about(500)))
      if random.chance(0.3) {
        steps.append(("hold", random.about(50)))
      } else {
        steps.append(("actuate", random.about(200)))
        steps.append(("confirm", random.about(400)))
      }
      cycle += 1
    }
    return Array(steps.prefix(count))
  }

  /// Messages of three kinds at random times, each with its own protocol.
  static func comms(_ random: inout TraceRandom, _ count: Int) -> [(String, Double)] {
    var steps: [(String, Double)] = []
    while steps.count < count {
      steps.append(("rx_start", random.wait(20_000)))
      switch random.below(3) {
      case 0:
        steps.append(("head_short", random.about(40)))
        steps.append(("rx_data", random.about(100)))
        steps.append(("crc", random.about(30)))
        steps.append(("ack", random.about(150)))
      case 1:
        steps.append(("head_long", random.about(40)))
        for _ in 0..<4 { steps.append(("rx_data", random.about(100))) }
        steps.append(("crc", random.about(60)))
        if random.chance(0.05) {
          steps.append(("nack", random.about(150)))
          steps.append(("flush", random.about(700)))
        } else {
          steps.append(("ack", random.about(150)))
          steps.append(("forward", random.about(900)))
        }
      default:
        steps.append(("head_query", random.about(40)))
        steps.append(("crc", random.about(30)))
        steps.append(("lookup", random.about(2_000)))
        steps.append(("tx_data", random.about(300)))
        steps.append(("tx_done", random.about(300)))
      }
    }
    return Array(steps.prefix(count))
  }

  /// A file written every 250 ms: open, four writes, sync, close; sometimes a retry, rarely a new
  /// block.
  static func storage(_ random: inout TraceRandom, _ count: Int) -> [(String, Double)] {
    var steps: [(String, Double)] = []
    while steps.count < count {
      steps.append(("open", random.about(240_000)))
      for block in 0..<4 {
        steps.append((block == 0 ? "seek" : "write", random.about(1_500)))
        if random.chance(0.02) { steps.append(("retry", random.about(5_000))) }
      }
      steps.append(("write", random.about(1_500)))
      if random.chance(0.1) { steps.append(("erase", random.about(60_000))) }
      steps.append(("sync", random.about(12_000)))
      steps.append(("close", random.about(200)))
    }
    return Array(steps.prefix(count))
  }

  /// A timer each millisecond, transfers each 8 ms, and an irregular line; each with its entry and
  /// exit.
  static func interrupts(_ random: inout TraceRandom, _ count: Int) -> [(String, Double)] {
    var arrivals: [(at: Double, kind: Int)] = []
    var clock = 0.0
    var uart = 0.0
    for tick in 0..<count {
      clock = Double(tick) * 1_000
      arrivals.append((clock + random.uniform() * 20, 0))
      if tick % 8 == 3 { arrivals.append((clock + 300 + random.uniform() * 30, 1)) }
    }
    while uart < clock {
      uart += random.wait(6_000)
      arrivals.append((uart, 2))
    }
    arrivals.sort { ($0.at, $0.kind) < ($1.at, $1.kind) }
    var steps: [(String, Double)] = []
    var last = 0.0
    for arrival in arrivals where steps.count < count {
      let names = [
        ["timer_in", "timer_out"], ["dma_in", "dma_next", "dma_out"], ["uart_in", "uart_out"],
      ]
      for (place, name) in names[arrival.kind].enumerated() {
        let at = max(last + 1, place == 0 ? arrival.at : last + random.about(15))
        steps.append((name, at - last))
        last = at
      }
    }
    return Array(steps.prefix(count))
  }

  /// Screens that a user navigates.
  static func interface(_ random: inout TraceRandom, _ count: Int) -> [(String, Double)] {
    let screens: [(name: String, next: [String])] = [
      ("home", ["menu", "menu", "status"]), ("menu", ["settings", "log", "home"]),
      ("status", ["home", "graph"]), ("graph", ["status", "zoom", "zoom"]),
      ("zoom", ["graph", "zoom"]), ("settings", ["edit", "menu"]), ("edit", ["save", "cancel"]),
      ("save", ["settings"]), ("cancel", ["settings"]), ("log", ["scroll", "menu"]),
      ("scroll", ["scroll", "scroll", "log"]),
    ]
    var steps: [(String, Double)] = []
    var screen = 0
    while steps.count < count {
      steps.append((screens[screen].name, random.wait(2_000_000)))
      steps.append(("redraw", random.about(16_000)))
      let next = screens[screen].next[random.below(screens[screen].next.count)]
      screen = screens.firstIndex { $0.name == next } ?? 0
    }
    return Array(steps.prefix(count))
  }

  static func inject(_ steps: inout [(String, Double)], _ random: inout TraceRandom) -> [Label] {
    var labels: [Label] = []
    var place = 3_000
    var kind = random.below(Fault.allCases.count)
    while place + 120 < steps.count {
      let at = place + random.below(100)
      let fault = Fault.allCases[kind % Fault.allCases.count]
      kind += 1
      var places = at..<(at + 2)
      switch fault {
      case .swapped:
        var first = at
        while steps[first].0 == steps[first + 1].0 { first += 1 }
        (steps[first].0, steps[first + 1].0) = (steps[first + 1].0, steps[first].0)
        places = first..<(first + 3)
      case .missing:
        let gone = steps.remove(at: at)
        steps[at].1 += gone.1
        places = at..<(at + 1)
      case .delayed:
        steps[at].1 *= 30
        places = at..<(at + 1)
      case .unknown:
        steps.insert(("assert_\(labels.count)", random.about(100)), at: at)
      case .stuck:
        let length = 3 + random.below(3)
        let loop = Array(steps[(at - length)..<at])
        let again = (0..<(60 / length)).flatMap { _ in loop }
        steps.insert(contentsOf: again, at: at)
        places = at..<(at + again.count)
      }
      labels.append(Label(fault: fault, places: places))
      place = places.upperBound + 250
    }
    return labels
  }
}
