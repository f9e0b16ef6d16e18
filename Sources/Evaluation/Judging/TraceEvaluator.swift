internal import Events
package import Models
package import Series

/// Judges traces with a trace model, each stream as a series of its own.
package struct TraceEvaluator: Sendable {
  private let model: TraceModel
  private let matching: Scorecard.Matching
  private let includesTraining: Bool

  /// - Parameter includesTraining: whether trace events that the model was trained on count.
  package init(
    _ model: TraceModel, _ matching: Scorecard.Matching, includesTraining: Bool = false
  ) {
    self.model = model
    self.matching = matching
    self.includesTraining = includesTraining
  }

  /// Judges a trace.
  /// - Parameters:
  ///   - ignored: excluded spans.
  ///   - labels: the anomalous spans of a thread; nil if nothing is labelled.
  package func evaluate(
    _ trace: RecordedTrace, ignored: [ClosedRange<Timestamp>],
    labels: (String) -> [ClosedRange<Timestamp>]?
  ) -> [EvaluatedSeries] {
    let run = TraceRun(model)
    return trace.streams.indices.map { stream in
      let recorded = trace.streams[stream]
      let anomalous = labels(recorded.thread)
      let trained =
        includesTraining ? nil : model.span(of: trace.name, thread: recorded.thread)
      var uncounted = EvaluatedSeries.Uncounted()
      var series = JudgedSeries(
        name: recorded.thread.isEmpty ? trace.name : trace.name + ":" + recorded.thread)
      var sentences: [Int: String] = [:]
      var newest = Timestamp(nanoseconds: .min)
      run.judge(trace, stream: stream) { event, row in
        let moment = recorded.timestamps[event]
        var label: RowLabel =
          anomalous?.contains { $0.contains(moment) } == true ? .anomalous : .normal
        if let trained, trained.contains(moment) {
          label = .uncounted
          uncounted.trained += 1
        } else if ignored.contains(where: { $0.contains(moment) }) {
          label = .uncounted
          uncounted.ignored += 1
        } else if !row.isKnown {
          label = .uncounted
          uncounted.lead += 1
        }
        newest = max(newest, moment)
        series.append(at: newest, label: label, score: row.score, alarm: row.isAlarm)
        if let facts = row.facts, let reason = row.reason {
          sentences[event] = facts.predicate(reason)
        }
      }
      return EvaluatedSeries(
        series: series, isLabelled: anomalous != nil, score: Scorecard.Series(series, matching),
        detections: series.detections(within: matching.joining).map {
          detection($0, series, sentences, isLabelled: anomalous != nil)
        },
        uncounted: uncounted, forecastErrors: [], coverage: BandCoverage(), courses: [],
        anomalies: series.anomalies, trained: nil, interval: 0)
    }
  }

  private func detection(
    _ range: ClosedRange<Int>, _ series: JudgedSeries, _ sentences: [Int: String],
    isLabelled: Bool
  ) -> EvaluatedSeries.Detection {
    EvaluatedSeries.Detection(
      rows: range, first: series.timestamps[range.lowerBound],
      last: series.timestamps[range.upperBound],
      score: range.map { series.scores[$0] }.max() ?? 0,
      isTrue: isLabelled ? series.isTrue(range, matching) : nil, columns: [],
      because: range.lazy.compactMap { sentences[$0] }.first ?? "went on")
  }
}
