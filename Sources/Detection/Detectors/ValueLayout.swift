import Networks

/// The memory of a value detector.
struct ValueLayout: DetectorLayout {
  let forecaster: ForecasterPlaces
  /// The sources of evidence, in their initial state.
  let sources: ValueSources
  /// An expert in its initial state.
  let season: SeasonalExpert
  let judge: JudgePlaces

  init(_ cursor: inout MemoryCursor) {
    forecaster = ForecasterPlaces(&cursor)
    sources = ValueSources(&cursor)
    season = SeasonalExpert(&cursor)
    judge = JudgePlaces(.values, &cursor)
  }
}

/// The forecaster's part of a detector's memory.
struct ForecasterPlaces {
  let network: NetworkPlaces
  /// h and c before those of the last 32 samples at which learning may start, as halves.
  let recentStates: UnsafeMutablePointer<UInt16>
  /// h and c at the start of each of the last 32 chunks of 32 samples, as halves.
  let chunkStates: UnsafeMutablePointer<UInt16>
  /// Outputs of the head after the last sample.
  let outputs: UnsafeMutablePointer<Float>
  /// Mean and log-scale of the farthest forecast after each of the last 48 samples, as halves.
  let farForecasts: UnsafeMutablePointer<UInt16>
  /// Clipped scaled values of the last 1024 samples, in steps of ``Forecaster/scaledSteps``.
  let scaled: UnsafeMutablePointer<Int16>
  /// Weekday and time of day of the same samples.
  let phases: UnsafeMutablePointer<UInt16>

  init(_ cursor: inout MemoryCursor) {
    let shape = Forecaster.shape
    network = NetworkPlaces(
      parameters: shape.parameterCount, states: shape.stateCount, &cursor)
    recentStates = cursor.take(Forecaster.recentStatesHeld * shape.stateCount)
    chunkStates = cursor.take(Forecaster.chunks * shape.stateCount)
    outputs = cursor.take(shape.outputLanes)
    farForecasts = cursor.take(2 * Forecaster.longestHorizon)
    scaled = cursor.take(Forecaster.memory)
    phases = cursor.take(Forecaster.memory)
  }
}
