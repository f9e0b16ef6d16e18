import CommandLine
package import Control
import Events
import Monitor
package import Series

/// The state of `anomalyctl top`: changed by keys and by the daemon's replies, drawn by
/// ``TopScreen``.
package struct TopModel: Sendable {
  /// The contents of the screen.
  package enum View: Equatable, Sendable {
    case metrics, detail(String), events, incidents, help
  }

  /// The order of metrics.
  package enum Order: String, CaseIterable, Sendable {
    /// Anomalous ones first, then by score.
    case score
    case name
    /// The latest sample first.
    case latest
  }

  /// The daemon's replies at one time.
  package struct Snapshot: Sendable {
    package var status: StatusReply
    package var metrics: [MetricSummary]
    /// The metric of the detail view.
    package var detail: MetricDetail?
    /// For the view of events, newest first.
    package var events: [RecordedEventMessage] = []
    /// For the view of incidents, newest first.
    package var incidents: [IncidentMessage] = []

    package init(status: StatusReply, metrics: [MetricSummary]) {
      self.status = status
      self.metrics = metrics
    }
  }

  package private(set) var view = View.metrics
  package private(set) var order: Order
  /// Letters that the names of shown metrics contain.
  package private(set) var filter = ""
  /// Whether the filter is being typed.
  package private(set) var isTyping = false
  package private(set) var isPaused = false
  /// Whether the user wants to leave.
  package private(set) var isOver = false
  package private(set) var latest: Snapshot?
  /// Why there is no newer reply.
  package private(set) var problem: String?
  /// Metrics that pass the filter, in order.
  package private(set) var shown: [MetricSummary] = []
  /// In a list: the marked index; in a text: the first line.
  package private(set) var place = 0
  /// The index of the first list entry on the screen.
  package private(set) var first = 0
  /// Share of a processor that the daemon has used between the last two replies.
  package private(set) var processorShare: Double?

  private var marked: String?
  private var courses: [String: [Sample]] = [:]
  private var bands: [String: [Band]] = [:]
  private var listPlace = (marked: String?.none, first: 0)

  /// The band that a sample was compared with.
  package struct Band: Equatable, Sendable {
    package var at: Timestamp
    package var lower: Double
    package var upper: Double
  }

  /// Samples kept of a metric for its sparkline.
  static let courseLength = 120
  /// Bands kept of a metric, as many as the daemon keeps samples by default.
  private static let bandLength = 256
  /// Maximum number of metrics whose samples are kept.
  private static let maximumCourses = 2_000

  package init(order: Order = .score, filter: String = "") {
    self.order = order
    self.filter = filter
  }

  /// The marked metric.
  package var markedMetric: MetricSummary? {
    view == .metrics && shown.indices.contains(place) ? shown[place] : nil
  }

  /// The latest samples of a metric, oldest first; nil if unknown.
  package func course(of metric: String) -> [Sample]? { courses[metric] }

  /// The bands of a metric since it was first shown, oldest first; the daemon keeps only the newest.
  package func bands(of metric: String) -> [Band] { bands[metric] ?? [] }

  // MARK: Answers

  /// Shows a newer answer.
  package mutating func take(_ snapshot: Snapshot) {
    if let before = latest {
      let wall = snapshot.status.now.seconds - before.status.now.seconds
      let work = snapshot.status.resources.cpuSeconds - before.status.resources.cpuSeconds
      processorShare = wall > 0 && before.status.pid == snapshot.status.pid ? work / wall : nil
    }
    latest = snapshot
    problem = nil
    for metric in snapshot.metrics { extend(metric) }
    arrange()
  }

  /// Shows why there is no reply; earlier data stays.
  package mutating func fail(_ reason: String) { problem = reason }

  /// Starts the history of a metric with samples that the daemon keeps.
  package mutating func begin(_ metric: String, with samples: [Sample]) {
    guard courses.count < TopModel.maximumCourses else { return }
    courses[metric] = Array(samples.suffix(TopModel.courseLength))
  }

  private mutating func extend(_ metric: MetricSummary) {
    guard let moment = metric.lastSeen, let newest = courses[metric.name]?.last,
      moment > newest.timestamp
    else { return }
    courses[metric.name]?.append(Sample(timestamp: moment, value: metric.value ?? .nan))
    if courses[metric.name]?.count ?? 0 > TopModel.courseLength {
      courses[metric.name]?.removeFirst()
    }
    guard let lower = metric.lower, let upper = metric.upper else { return }
    bands[metric.name, default: []].append(Band(at: moment, lower: lower, upper: upper))
    if bands[metric.name]?.count ?? 0 > TopModel.bandLength { bands[metric.name]?.removeFirst() }
  }

  private mutating func arrange() {
    let word = filter.lowercased()
    let metrics = latest?.metrics ?? []
    shown = word.isEmpty ? metrics : metrics.filter { $0.name.lowercased().contains(word) }
    switch order {
    case .name: shown.sort { $0.name < $1.name }
    case .latest:
      shown.sort {
        ($0.lastSeen?.nanoseconds ?? 0, $1.name) > ($1.lastSeen?.nanoseconds ?? 0, $0.name)
      }
    case .score:
      shown.sort { TopModel.rank($0) > TopModel.rank($1) }
    }
    guard view == .metrics else { return }
    place =
      marked.flatMap { name in shown.firstIndex { $0.name == name } }
      ?? min(place, max(0, shown.count - 1))
  }

  private static func rank(_ metric: MetricSummary) -> (Int, Double, ReversedText) {
    switch metric.state {
    case .anomalous: (3, metric.score, ReversedText(metric.name))
    case .normal: (2, metric.score, ReversedText(metric.name))
    case .warming: (1, 0, ReversedText(metric.name))
    case .shown: (0, 0, ReversedText(metric.name))
    }
  }

  /// A name that sorts first if it is greater.
  private struct ReversedText: Comparable {
    let text: String
    init(_ text: String) { self.text = text }
    static func < (lhs: Self, rhs: Self) -> Bool { lhs.text > rhs.text }
  }

  // MARK: Keys

  /// Performs the action of a key.
  /// - Parameter page: how many list entries fit on the screen.
  package mutating func press(_ key: TopKey, page: Int) {
    if isTyping { return type(key) }
    switch key {
    case .up: move(by: -1)
    case .down: move(by: 1)
    case .pageUp: move(by: -max(1, page - 1))
    case .pageDown: move(by: max(1, page - 1))
    case .home: move(by: -.max / 2)
    case .end: move(by: .max / 2)
    case .enter: if let metric = markedMetric { open(.detail(metric.name)) }
    case .escape, .backspace: leave()
    case .character("q"): if view == .metrics { isOver = true } else { leave() }
    case .character("?"), .character("h"): open(.help)
    case .character("e"): open(.events)
    case .character("i"): open(.incidents)
    case .character(" "): isPaused.toggle()
    case .character("s"):
      let orders = Order.allCases
      order = orders[((orders.firstIndex(of: order) ?? 0) + 1) % orders.count]
      (marked, place, first) = (nil, 0, 0)
      arrange()
    case .character("/"): if view == .metrics { isTyping = true }
    case .character("k"): move(by: -1)
    case .character("j"): move(by: 1)
    case .character: break
    }
  }

  private mutating func type(_ key: TopKey) {
    switch key {
    case .enter: isTyping = false
    case .escape: (filter, isTyping) = ("", false)
    case .backspace: _ = filter.popLast()
    case .character(let character): if filter.utf8.count < 100 { filter.append(character) }
    default: return
    }
    (marked, place, first) = (nil, 0, 0)
    arrange()
  }

  private mutating func open(_ view: View) {
    guard view != self.view else { return }
    if self.view == .metrics { listPlace = (marked, first) }
    self.view = view
    (place, first) = (0, 0)
  }

  private mutating func leave() {
    if view == .metrics {
      filter = ""
    } else {
      view = .metrics
      (marked, first) = listPlace
    }
    arrange()
  }

  private mutating func move(by step: Int) {
    guard view == .metrics else {
      place = max(0, place + step)
      return
    }
    guard !shown.isEmpty else { return }
    place = min(shown.count - 1, max(0, place + step))
    marked = shown[place].name
  }

  /// Keeps the mark on the screen, and a text no farther than its end.
  package mutating func scroll(page: Int, count: Int) {
    if view == .metrics {
      first = min(max(first, place - page + 1), place)
      first = max(0, min(first, count - page))
    } else {
      place = max(0, min(place, count - page))
      first = place
    }
  }
}
