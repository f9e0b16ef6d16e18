/// Something that the daemon does over and over, in a state in which it does it for long.
struct Work: Sendable {
  /// What one round is.
  let name: String
  /// Prepares everything and runs what is particular to the beginning; what it returns is one round.
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
