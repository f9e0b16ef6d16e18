extension Settings {
  /// `[Input NAME]` with `Type=events`: a growing text file in which each row is an event.
  public struct Events: Equatable, Sendable {
    /// What is said of the file as for `Type=csv`; `valueColumns` has no meaning here.
    public var file = CSV()
    /// `EventColumn=`: where the ids are; nil: the first column that holds neither time stamps nor
    /// threads.
    public var eventColumn: Column?
    /// `ThreadColumn=`: where the threads are; nil: all events are of one.
    public var threadColumn: Column?
    /// `MaximumStreams=`: the most threads that are watched at once, 1...10,000.
    public var maximumStreams = 64
    /// `StreamTimeout=`: how long nothing must have come of a thread before another may take its
    /// place, 1 s...365 days.
    public var streamTimeout: Duration = .seconds(3600)
    /// `SilenceAfter=`.
    public var silenceAfter: Duration? {
      get { file.silenceAfter }
      set { file.silenceAfter = newValue }
    }

    /// The defaults; `file.paths` must still be set.
    public init() {}
  }
}
