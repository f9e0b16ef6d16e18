import LSTM

/// The one block of memory of a detector, and what lies where in it.
struct DetectorMemory: ~Copyable {
  /// The block's size in bytes.
  static let byteCount: Int = {
    var cursor = MemoryCursor(base: nil)
    _ = Places(&cursor)
    return cursor.byteCount
  }()

  let places: Places
  private let base: UnsafeMutableRawPointer

  /// A block of zeros.
  init() {
    base = .allocate(byteCount: DetectorMemory.byteCount, alignment: 64)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: DetectorMemory.byteCount)
    var cursor = MemoryCursor(base: base)
    places = Places(&cursor)
  }

  deinit {
    base.deallocate()
  }

  /// Where each part lies. The order is that of use in one step, and of the stored state.
  struct Places {
    let weights: UnsafeMutablePointer<Float>
    let momentMean: UnsafeMutablePointer<Float>
    let momentVariance: UnsafeMutablePointer<Float>
    /// h and c now.
    let state: UnsafeMutablePointer<Float>
    /// h and c before those of the last 32 samples from which learning may start.
    let recentStates: UnsafeMutablePointer<Float>
    /// h and c at the start of each of the last 32 chunks of 32 samples.
    let chunkStates: UnsafeMutablePointer<Float>
    /// Outputs of the head after each of the last 64 samples.
    let forecasts: UnsafeMutablePointer<Float>
    /// Clipped scaled values of the last 1024 samples.
    let scaled: UnsafeMutablePointer<Float>
    /// Weekday and time of day of the same samples.
    let phases: UnsafeMutablePointer<UInt16>
    let window8: UnsafeMutablePointer<Float>
    let window48: UnsafeMutablePointer<Float>
    let window144: UnsafeMutablePointer<Float>
    let values: UnsafeMutablePointer<Float>
    let values3: UnsafeMutablePointer<Float>
    let dailyProfile: UnsafeMutablePointer<Float>
    let driftErrors: UnsafeMutablePointer<Float>
    let changes: UnsafeMutablePointer<Float>
    let levels: UnsafeMutablePointer<Float>

    fileprivate init(_ cursor: inout MemoryCursor) {
      let shape = Forecaster.shape
      weights = cursor.take(shape.parameterCount)
      momentMean = cursor.take(shape.parameterCount)
      momentVariance = cursor.take(shape.parameterCount)
      state = cursor.take(shape.stateCount)
      recentStates = cursor.take(Forecaster.recentStatesHeld * shape.stateCount)
      chunkStates = cursor.take(Forecaster.chunks * shape.stateCount)
      forecasts = cursor.take(Forecaster.forecastsHeld * shape.outputLanes)
      scaled = cursor.take(Forecaster.memory)
      phases = cursor.take(Forecaster.memory)
      window8 = cursor.take(WindowNovelty.Constants.window8.floatCount)
      window48 = cursor.take(WindowNovelty.Constants.window48.floatCount)
      window144 = cursor.take(WindowNovelty.Constants.window144.floatCount)
      values = cursor.take(ValueMemory.floatCount)
      values3 = cursor.take(ValueMemory.floatCount)
      dailyProfile = cursor.take(DailyForgiveness.bins)
      driftErrors = cursor.take(DriftEvidence.window)
      changes = cursor.take(QuietEvidence.window)
      levels = cursor.take(LevelTracker.window)
    }
  }
}
