/// Work that the daemon does repeatedly, in steady state.
struct Work: Sendable {
  /// Its name.
  let name: String
  /// Prepares everything and runs the initial phase; returns one round.
  let start: @Sendable () -> () -> Void

  static let all = [
    Work(name: "forward step", start: NetworkWork.step),
    Work(name: "gradient", start: NetworkWork.gradient),
    Work(name: "sample", start: PipelineWork.sample),
    Work(name: "100 CSV lines", start: InputWork.lines),
    Work(name: "datagram of 5 lines", start: InputWork.datagram),
    Work(name: "poll of procfs", start: InputWork.procfs),
  ]
}
