import Networks

/// The memory of a symbol detector.
struct SequenceLayout: DetectorLayout {
  let forecaster: SymbolForecasterPlaces
  let pairs: UnsafeMutablePointer<PairTable.Entry>
  let totals: UnsafeMutablePointer<Float>
  /// The sources of evidence, in their initial state.
  let sources: SymbolSources
  let judge: JudgePlaces

  init(_ cursor: inout MemoryCursor) {
    forecaster = SymbolForecasterPlaces(&cursor)
    pairs = cursor.take(PairTable.capacity)
    totals = cursor.take(PairTable.totalCount)
    sources = SymbolSources(&cursor)
    judge = JudgePlaces(.symbols, &cursor)
  }
}

/// The forecaster's part of a detector's memory.
struct SymbolForecasterPlaces {
  let network: NetworkPlaces
  /// The network's outputs for the coming event.
  let outputs: UnsafeMutablePointer<Float>
  /// h and c before those of the last 32 events at which learning may start.
  let recentStates: UnsafeMutablePointer<Float>
  /// h and c at the start of each of the last 32 chunks of 32 events.
  let chunkStates: UnsafeMutablePointer<Float>
  /// The last 1024 symbols.
  let symbols: UnsafeMutablePointer<UInt8>
  /// The intervals before them on the network's scale, NaN if unknown.
  let intervals: UnsafeMutablePointer<Float>

  init(_ cursor: inout MemoryCursor) {
    let shape = SymbolForecaster.shape
    network = NetworkPlaces(
      parameters: shape.parameterCount, states: shape.stateCount, &cursor)
    outputs = cursor.take(shape.lanes)
    recentStates = cursor.take(SymbolForecaster.recentStatesHeld * shape.stateCount)
    chunkStates = cursor.take(SymbolForecaster.chunks * shape.stateCount)
    symbols = cursor.take(SymbolForecaster.memory)
    intervals = cursor.take(SymbolForecaster.memory)
  }
}
