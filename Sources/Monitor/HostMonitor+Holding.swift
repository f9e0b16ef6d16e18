import Series

/// While a checkpoint is made, nothing that it saves changes: samples wait, in order.
///
/// So that it is of one instant without a second copy of all models. Inputs are read as ever.
extension HostMonitor {
  /// Whether so many samples wait that inputs should not be read.
  package var isFull: Bool { isHolding && held.isFull }

  /// Lets samples wait from now on.
  package func hold() {
    precondition(!isHolding, "samples are held once")
    isHolding = true
    held.reserve(tracks.count)
  }

  /// Processes samples that have waited, until all are or the time is over; what comes meanwhile
  /// waits behind them.
  /// - Parameter isOver: whether the time is over; asked once every dozen samples.
  /// - Returns: whether none is left, so that samples pass at once again.
  package func catchUp(until isOver: () -> Bool) -> Bool {
    batch {
      isHolding = false
      while held.count > 0 {
        // In dozens, as looking at the clock costs a hundredth of a sample.
        for _ in 0..<min(12, held.count) {
          let entry = held.takeFirst()
          if entry.idBytes == 0 {
            receive(Sample(timestamp: entry.timestamp, value: entry.value), of: entry.metric)
          } else {
            let id = held.takeID(of: entry)
            receive(event: id.span, at: entry.timestamp, of: entry.metric)
          }
        }
        guard held.count == 0 || !isOver() else {
          isHolding = true
          return false
        }
      }
      held.removeAll()
      return true
    }
  }
}
