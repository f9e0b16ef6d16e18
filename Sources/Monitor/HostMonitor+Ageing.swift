import Detection
import Events
package import Series

/// How metrics have aged since the start.
public struct AgeingFacts: Equatable, Sendable {
  /// Metrics that were forgotten as they had no sample for `ForgetAfter=`.
  public internal(set) var forgotten = 0
  /// Metrics that gave way to new ones in a full table.
  public internal(set) var displaced = 0
  /// Samples of metrics that had just been forgotten, dropped.
  public internal(set) var strays = 0
}

/// Metrics of inputs that were removed and of devices that went away leave the table: after
/// `ForgetAfter=` without a sample, or earlier where the table is full and a new metric wants its
/// place.
///
/// Measured by the clock that stands still while the machine sleeps, and only while the daemon runs:
/// neither a clock that is set nor a long holiday makes it forget anything.
extension HostMonitor {
  /// A metric that had a sample within this time gives way to no other.
  package static let leastAge = Duration.seconds(3600)

  /// Changes when a metric is forgotten.
  public var epoch: Int { registry.removals }

  /// Forgets the metrics that have had no sample for `limit`.
  /// - Parameter moment: event time at which their open events are closed.
  package func forget(silentFor limit: Duration, at moment: Timestamp) {
    now = clock()
    for index in tracks.indices.reversed() where now - tracks[index].heard >= limit {
      if var event = tracks[index].openEvent {
        event.closed = max(moment, event.opened)
        event.ending = .forgotten
        onTransition(.closed(event))
      }
      forget(index)
    }
  }

  /// The place in a full table that a new metric may take: that of the metric that has been without
  /// a sample for longest, if that is an hour and it has no open event.
  package func placeToTake() -> Int? {
    guard now >= roomFrom else { return nil }
    var oldest: (index: Int, heard: Duration)?
    for index in tracks.indices where oldest.map({ tracks[index].heard < $0.heard }) ?? true {
      if tracks[index].openEvent == nil { oldest = (index, tracks[index].heard) }
    }
    // Samples make metrics younger only, so that nobody needs to be looked at before that.
    let due = (oldest?.heard ?? now) + HostMonitor.leastAge
    guard let oldest, now >= due else {
      roomFrom = due
      return nil
    }
    return oldest.index
  }

  /// Puts a new metric, which the registry has there already, in the place of an old one, whose open
  /// event is over.
  package func displace(_ index: Int, by track: MonitoredMetric) {
    if var event = tracks[index].openEvent {
      event.closed = max(tracks[index].newest?.timestamp ?? event.opened, event.opened)
      event.ending = .forgotten
      onTransition(.closed(event))
    }
    letGo(of: index)
    let old = tracks[index].name
    tracks[index] = track
    ageing.displaced += 1
    onForget(old)
  }

  private func forget(_ index: Int) {
    let last = tracks.count - 1
    letGo(of: index)
    letGo(ofTapsAt: last)
    let name = tracks[index].name
    registry.remove(at: index)
    tracks.swapAt(index, last)
    tracks.removeLast()
    ageing.forgotten += 1
    onForget(name)
  }

  private func letGo(of index: Int) {
    if let share = tracks[index].share { budget.release(share) }
    letGo(ofTapsAt: index)
  }

  private func letGo(ofTapsAt index: Int) {
    for tap in taps { tap.forget(index) }
  }

  /// For how long the metrics have been without a sample that have been so for a minute, as bytes.
  package func encodeAges() -> [UInt8] {
    let moment = clock()
    var writer = ByteWriter()
    for track in tracks where moment - track.heard >= .seconds(60) {
      writer.write(track.name.text)
      writer.write((moment - track.heard).components.seconds)
    }
    return writer.bytes
  }

  /// Goes on with what ``encodeAges()`` gave; once all metrics are restored.
  package func restoreAges(_ bytes: [UInt8]) -> String? {
    let moment = clock()
    var reader = ByteReader(bytes)
    do throws(ByteReaderError) {
      while reader.remaining > 0 {
        let name = MetricName(sanitizing: try reader.readString())
        let offset = reader.offset
        let seconds = try reader.readInt64()
        guard (0...100 * 366 * 86_400).contains(seconds) else {
          throw .outOfRange(offset: offset, value: seconds)
        }
        guard let id = registry.id(of: name) else { continue }
        tracks[id.index].heard = moment - .seconds(seconds)
      }
      return nil
    } catch {
      return error.description
    }
  }
}
