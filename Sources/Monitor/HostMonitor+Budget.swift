import Detection
import Events
public import Series

/// The alarms that metrics share.
extension HostMonitor {
  /// Takes from the host's budget what an alarm costs that is told to somebody.
  /// - Parameter beginsIncident: it is the first of its incident.
  public func charge(_ metric: MetricName, beginsIncident: Bool) {
    guard let id = registry.id(of: metric), var share = tracks[id.index].share else { return }
    budget.spend(&share, beginsIncident: beginsIncident)
    tracks[id.index].share = share
  }

  /// Goes on with what the host owed before a restart, from ``encodeBudget()``; once all metrics
  /// are restored.
  package func restoreBudget(_ bytes: [UInt8]) -> String? {
    var reader = ByteReader(bytes)
    do throws(ByteReaderError) {
      let overdraft = try reader.readDouble()
      try reader.requireEnd()
      budget.resume(overdraft: overdraft)
      return nil
    } catch {
      return error.description
    }
  }

  /// What the host owes, as bytes.
  package func encodeBudget() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(budget.overdraft)
    return writer.bytes
  }
}
