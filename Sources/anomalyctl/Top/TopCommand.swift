import CommandLine
import Control
import Glibc
import Monitor
import Series
import System

extension Command {
  /// `anomalyctl top`.
  package static let top = Command(
    Usage(
      command: "anomalyctl top",
      summary: "Watch incidents and metrics in a full-screen view",
      details: """
        Shows open incidents, then metrics, anomalous ones first, each with its latest samples,
        value, 99% band, score, and why it is anomalous. Press ? for the keys, q to quit. With
        many metrics, the screen is updated less often than --interval, so that the daemon spends
        less than 0.5% of a processor on it.
        """,
      arguments: [.init("WORD", .optional, help: "Only metrics whose names contain this")],
      options: [
        .value("interval", short: "n", "SECONDS", help: "Time between refreshes (default 2)"),
        .choice(
          "sort", TopModel.Order.allCases.map(\.rawValue),
          help: "score: anomalous ones first (default); latest: the latest sample first"),
        DaemonAccess.socketOption,
      ],
      examples: [
        .init("anomalyctl top", "What is wrong, and what is monitored."),
        .init("anomalyctl top --interval 1 disk", "The disks, every second."),
      ]
    )
  ) { arguments, console in
    let interval = try arguments.number("interval", in: 0.2...3600) ?? 2
    let order = arguments.value("sort").flatMap(TopModel.Order.init) ?? .score
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
      throw CommandFailure(
        "top requires a terminal; use 'anomalyctl status' and 'anomalyctl metrics' instead")
    }
    var session = TopSession(
      model: TopModel(order: order, filter: arguments.positional.first ?? ""),
      socket: arguments.value("socket"), interval: .seconds(interval), style: console.style)
    // Errors at the start are reported like those of every other command.
    do throws(ControlClientError) {
      try session.refresh(lines: 24)
    } catch {
      throw CommandFailure(DaemonAccess.advice(error))
    }
    do throws(Errno) {
      let screen = try FullScreen()
      session.run(on: screen)
    } catch {
      throw CommandFailure("the terminal cannot be used: \(error)")
    }
  }
}

/// Queries the daemon, draws, and handles keys until the user leaves.
private struct TopSession {
  var model: TopModel
  let socket: String?
  let interval: Duration
  let style: Style
  private let host: String
  private var client: ControlClient?

  /// The daemon's cost per metric and refresh, measured at some 13 µs, should stay below 0.5% of a
  /// processor.
  private static let pausePerMetric = Duration.milliseconds(3)
  /// Maximum wait for a reply: keys have no effect meanwhile.
  private static let patience = Duration.seconds(2)
  /// Maximum number of events and incidents in their lists.
  private static let listLength = 200
  /// How long to wait after an escape for the rest of a sequence.
  private static let escapeTime = Duration.milliseconds(50)

  init(model: TopModel, socket: String?, interval: Duration, style: Style) {
    self.model = model
    self.socket = socket
    self.interval = interval
    self.style = style
    var name = utsname()
    host = uname(&name) == 0 ? Layout.printable(TopSession.text(of: &name.nodename)) : "this host"
  }

  private static func text<Field>(of field: inout Field) -> String {
    withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  mutating func run(on screen: FullScreen) {
    var decoder = TopKeyDecoder()
    var due = ContinuousClock.now + pause
    var view = model.view
    while !model.isOver {
      let size = screen.size
      let layout = TopScreen(
        columns: size.columns, lines: size.lines, style: style, host: host)
      if !model.isPaused, ContinuousClock.now >= due || model.view != view {
        view = model.view
        attempt(lines: size.lines)
        due = ContinuousClock.now + pause
      }
      guard screen.draw(layout.draw(&model)) else { return }
      let left = model.isPaused ? Duration.seconds(3600) : ContinuousClock.now.duration(to: due)
      switch screen.wait(decoder.isWaiting ? TopSession.escapeTime : left) {
      case .ended: return
      case .resized: break
      case .timedOut:
        for key in decoder.flush() { model.press(key, page: layout.page(model)) }
      case .typed(let bytes):
        for key in decoder.decode(bytes) { model.press(key, page: layout.page(model)) }
      }
    }
  }

  private var pause: Duration {
    max(interval, TopSession.pausePerMetric * (model.latest?.metrics.count ?? 0))
  }

  /// Queries the daemon; shows on the screen why it does not answer.
  private mutating func attempt(lines: Int) {
    for isLast in [false, true] {
      do throws(ControlClientError) {
        return try refresh(lines: lines)
      } catch {
        // The next attempt reconnects: the daemon has been restarted, or has closed a connection
        // that was idle for a long time.
        client = nil
        if !isLast, case .closed = error { continue }
        return model.fail("\(Layout.printable(error.description)); trying again")
      }
    }
  }

  /// Requests the data shown by the view from the daemon.
  /// - Parameter lines: of the terminal, which is the maximum number of metrics on the screen.
  mutating func refresh(lines: Int) throws(ControlClientError) {
    let client: ControlClient
    if let open = self.client {
      client = open
    } else {
      client = try DaemonAccess.connect(socket, timeout: TopSession.patience)
    }
    self.client = client
    var metrics: [MetricSummary] = []
    let status = try client.status()
    try client.listMetrics(MetricListRequest()) { metrics += $0 }
    var snapshot = TopModel.Snapshot(status: status, metrics: metrics)
    switch model.view {
    case .metrics, .help: break
    case .detail(let name):
      do throws(ControlClientError) {
        snapshot.detail = try client.showMetric(name)
      } catch .refused(.noSuchMetric) {
        // It has been removed meanwhile.
      }
    case .events:
      var events: [RecordedEventMessage] = []
      try client.listEvents(EventListRequest(limit: TopSession.listLength)) { events += $0.events }
      snapshot.events = events
    case .incidents:
      var incidents: [IncidentMessage] = []
      try client.listIncidents(IncidentListRequest(limit: TopSession.listLength)) {
        incidents += $0.incidents
      }
      snapshot.incidents = incidents
    }
    model.take(snapshot)
    for metric in model.shown.dropFirst(model.first).prefix(lines)
    where model.course(of: metric.name) == nil {
      do throws(ControlClientError) {
        model.begin(metric.name, with: try client.showMetric(metric.name).history)
      } catch .refused(.noSuchMetric) {
        continue
      }
    }
  }
}
