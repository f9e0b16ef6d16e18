import Config
import Control
import Detection
import Events
import Glibc
import Monitor
import Series
import System

/// Metrics about the daemon itself, for node_exporter's textfile collector.
final class TextfileWriter {
  private let monitor: HostMonitor
  private let options: Daemon.Options
  private var agent: AgentSection
  private var writtenAt: Timestamp?
  private var lastError: String?
  /// When it is due next.
  private var next = MonotonicTime.now

  /// Writes to the configured file, if there is one.
  init(_ agent: AgentSection, of monitor: HostMonitor, options: Daemon.Options) {
    self.agent = agent
    self.monitor = monitor
    self.options = options
  }

  /// Switches to another configuration.
  func configure(_ agent: AgentSection) {
    if agent.textfileMetrics != self.agent.textfileMetrics { remove() }
    self.agent = agent
  }

  /// The usual scrape interval of Prometheus.
  private static let interval = Duration.seconds(15)

  /// Writes the file if it is due.
  func write(_ status: () -> StatusReply) {
    let path = agent.textfileMetrics
    guard !path.isEmpty, MonotonicTime.now >= next else { return }
    next = MonotonicTime.now.advanced(by: TextfileWriter.interval)
    let globs = agent.textfileScores.compactMap { Glob($0) }
    let metrics =
      globs.isEmpty
      ? []
      : monitor.metrics.filter { metric in globs.contains { $0.matches(metric.name.text) } }
    let text = OpenMetrics(status(), metrics: metrics.map { MetricSummary($0) })
      .text(.prometheus)
    do throws(FileError) {
      // Its directory often belongs to node_exporter's user, who must be able to read the file
      // whatever this service's umask. An existing link or file there is replaced, never written
      // to.
      let (folder, name) = TextfileWriter.parts(of: path)
      try Directory(folder, followsLink: true)
        .replaceFile(name, with: Array(text.utf8).span.bytes, sharedAs: 0o644)
    } catch {
      lastError = error.description
      return
    }
    lastError = nil
    writtenAt = options.clock()
  }

  /// The directory and the name in an absolute path.
  private static func parts(of path: String) -> (folder: String, name: String) {
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    return (folder, String(path[path.index(after: slash)...]))
  }

  /// Removes the file, so that stale numbers are not taken for current ones.
  func remove() {
    next = .now
    guard !agent.textfileMetrics.isEmpty, writtenAt != nil else { return }
    unlink(agent.textfileMetrics)
    (writtenAt, lastError) = (nil, nil)
  }

  /// Its state; nil if none is configured.
  var status: TextfileStatus? {
    let path = agent.textfileMetrics
    guard !path.isEmpty else { return nil }
    return TextfileStatus(
      path: path,
      writtenAt: writtenAt,
      lastError: lastError
    )
  }
}
