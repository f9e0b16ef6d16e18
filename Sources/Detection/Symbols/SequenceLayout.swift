import Networks

/// What lies where in the memory of a detector of events.
struct SequenceLayout: MemoryPlaces {
  let weights: UnsafeMutablePointer<Float>
  let momentMean: UnsafeMutablePointer<Float>
  let momentVariance: UnsafeMutablePointer<Float>
  /// h and c now.
  let state: UnsafeMutablePointer<Float>
  /// What is expected of the coming event.
  let outputs: UnsafeMutablePointer<Float>
  /// h and c before those of the last 32 events from which learning may start.
  let recentStates: UnsafeMutablePointer<Float>
  /// h and c at the start of each of the last 32 chunks of 32 events.
  let chunkStates: UnsafeMutablePointer<Float>
  /// The last 1024 symbols.
  let symbols: UnsafeMutablePointer<UInt8>
  /// The intervals before them on the network's scale, NaN where not known.
  let intervals: UnsafeMutablePointer<Float>
  let pairs: UnsafeMutablePointer<PairTable.Entry>
  let totals: UnsafeMutablePointer<Float>
  /// Of the last events, in nats.
  let surprises: UnsafeMutablePointer<Float>
  /// Of their intervals, in nats.
  let paces: UnsafeMutablePointer<Float>
  /// How often each symbol is among the last events.
  let recentCounts: UnsafeMutablePointer<Float>
  let levels: UnsafeMutablePointer<UInt16>

  init(_ cursor: inout MemoryCursor) {
    let shape = SymbolForecaster.shape
    weights = cursor.take(shape.parameterCount)
    momentMean = cursor.take(shape.parameterCount)
    momentVariance = cursor.take(shape.parameterCount)
    state = cursor.take(shape.stateCount)
    outputs = cursor.take(shape.lanes)
    recentStates = cursor.take(SymbolForecaster.recentStatesHeld * shape.stateCount)
    chunkStates = cursor.take(SymbolForecaster.chunks * shape.stateCount)
    symbols = cursor.take(SymbolForecaster.memory)
    intervals = cursor.take(SymbolForecaster.memory)
    pairs = cursor.take(PairTable.capacity)
    totals = cursor.take(PairTable.totalCount)
    surprises = cursor.take(WindowedSurprise.longest)
    paces = cursor.take(WindowedSurprise.longest)
    recentCounts = cursor.take(Alphabet.capacity)
    levels = cursor.take(LevelTracker.window)
  }
}
