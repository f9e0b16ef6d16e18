import Detection
import Events
package import Series

extension HostMonitor {
  /// The first sample of a metric in a time in which other silences hold than before.
  ///
  /// Where learning is suppressed from now on, what the detector has learnt is kept; where it no
  /// longer is, the detector goes on from that, and the time between is a gap to it.
  package func enter(_ index: Int, at moment: Timestamp) {
    let coverage = silenceBook.coverage(of: tracks[index].name, at: moment)
    tracks[index].silence = SilenceSpan(
      from: coverage.from.nanoseconds,
      until: coverage.until.nanoseconds,
      suppressesLearning: coverage.learning != nil
    )
    if coverage.learning == nil {
      goBack(index)
    } else if tracks[index].kept == nil {
      let bytes = tracks[index].detector.encode()
      guard learningSnapshots.bytes + bytes.count <= limits.silenceBytes else { return }
      tracks[index].kept = LearningSnapshot(bytes, since: moment, on: learningSnapshots)
    }
  }

  private func goBack(_ index: Int) {
    guard let kept = tracks[index].kept else { return }
    tracks[index].kept = nil
    // Whether an event that opened meanwhile goes on is for the detector to say that knows nothing
    // of it: it ends with the silence, and a new one may open.
    if let event = tracks[index].openEvent, event.opened >= kept.since,
      let newest = tracks[index].newest,
      let transition = tracks[index].tracker.close(at: newest.timestamp)
    {
      onTransition(transition)
    }
    // A copy, since the optimiser of Swift 6.3.1 ends with an error over the uses in place.
    let present = tracks[index].detector
    do throws(StateDecodingError) {
      tracks[index].detector = try present.restored(
        from: kept.bytes, configuration: present.configuration)
    } catch {
      learningSnapshots.fault = "\(tracks[index].name): \(error)"
    }
  }

  /// Other silences hold than before: each metric looks at its next sample what does.
  package func silencesChanged() {
    for index in tracks.indices { tracks[index].silence = .unknown }
  }

  /// Metrics that learn in a silence although they should not, since there is no memory left.
  package var learningRegardless: Int {
    tracks.indices.count { tracks[$0].silence.suppressesLearning && tracks[$0].kept == nil }
  }
}
