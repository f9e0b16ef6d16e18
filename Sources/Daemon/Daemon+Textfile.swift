import Config
import Control
import Detection
import Events
import Glibc
import Monitor
import Series
import System

/// State of the metrics file.
struct TextfileFacts {
  var writtenAt: Timestamp?
  var lastError: String?
  /// When it is due next.
  var next = MonotonicTime.now
}

/// Metrics about the daemon itself, for node_exporter's textfile collector.
extension Daemon {
  /// The usual scrape interval of Prometheus.
  private static let textfileInterval = Duration.seconds(15)

  /// Writes the file if it is due.
  package func keepTextfile() {
    let path = settings.agent.textfileMetrics
    guard !path.isEmpty, MonotonicTime.now >= textfile.next else { return }
    textfile.next = MonotonicTime.now.advanced(by: Daemon.textfileInterval)
    let hadFailed = textfile.lastError != nil
    let globs = settings.agent.textfileScores.compactMap { Glob($0) }
    let metrics =
      globs.isEmpty
      ? []
      : monitor.metrics.filter { metric in globs.contains { $0.matches(metric.name.text) } }
    let text = OpenMetrics(report.status(), metrics: metrics.map { MetricSummary($0) })
      .text(.prometheus)
    do throws(FileError) {
      try replaceFile(path, with: Array(text.utf8).span.bytes, mode: 0o644)
    } catch {
      textfile.lastError = error.description
      if !hadFailed {
        log.warning(
          "TextfileMetrics=: \(error); trying again every "
            + "\(Daemon.textfileInterval.components.seconds) s")
      }
      return
    }
    textfile.lastError = nil
    textfile.writtenAt = options.clock()
    if hadFailed { log.info("TextfileMetrics=: \(path) can be written again") }
  }

  /// Removes the file, so that old numbers do not pass for current ones.
  /// - Parameter path: the configured one, which may be empty.
  func removeTextfile(_ path: String) {
    guard !path.isEmpty, textfile.writtenAt != nil else { return }
    unlink(path)
    textfile = TextfileFacts()
  }

  /// Its state; nil if none is configured.
  var textfileStatus: TextfileStatus? {
    let path = settings.agent.textfileMetrics
    guard !path.isEmpty else { return nil }
    return TextfileStatus(
      path: path,
      writtenAt: textfile.writtenAt,
      lastError: textfile.lastError
    )
  }
}
