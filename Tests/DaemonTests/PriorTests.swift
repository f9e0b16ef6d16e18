import Calendar
import Config
import Daemon
import Detection
import Glibc
import Models
import Monitor
import Series
import Support
import System
import Testing

/// `Prior=`: what new metrics start from.
@Suite struct PriorTests {
  private let scratch = Scratch()

  /// The state of a metric after this many samples.
  private func state(_ metric: String, samples: Int) throws -> [UInt8] {
    let monitor = HostMonitor(
      limits: .init(metrics: 10, history: 10), hostSeed: 1, policy: watchAll)
    monitor.feed(wave(samples), to: name(metric))
    return try #require(
      LearntModels(monitor).export(name(metric), rules: [], at: Timestamp(seconds: 0))
    ).bytes
  }

  private func write(_ bytes: [UInt8], to path: String) {
    let file = fopen(path, "w")
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }

  private func settings(_ text: String) throws -> Settings {
    let path = scratch.file("anomalyd.conf")
    unlink(path)
    Support.write(text, atEndOf: path)
    return try Settings.load(.all, configuration: path)
  }

  @Test func `a file serves all metrics of a section, a directory those that it contains by name`()
    throws
  {
    let folder = scratch.file("priors")
    mkdir(folder, 0o755)
    write(try state("disk.busy", samples: 1_500), to: folder + "/disk.busy.state")
    write(Array("no state".utf8), to: folder + "/README")
    write(try state("other", samples: 1_200), to: scratch.file("one.state"))
    let settings = try settings(
      """
      [Detector]
      Prior=\(folder)
      [Metric net.*]
      Prior=\(scratch.file("one.state"))

      """)
    #expect(settings.allRefusals.isEmpty)
    let priors = settings.priors(in: try settings.priorBook())
    #expect(priors(name("disk.busy"))?.seen == 1_500)
    #expect(priors(name("net.eth0"))?.seen == 1_200)
    #expect(priors(name("cpu.busy")) == nil)

    let monitor = settings.makeMonitor(hostSeed: 1, silences: SilenceBook(local: .utc))
    LearntModels(monitor).begin(with: priors)
    for text in ["disk.busy", "cpu.busy"] { monitor.feed(wave(1), to: name(text)) }
    let (begun, fresh) = (monitor[name("disk.busy")], monitor[name("cpu.busy")])
    #expect(begun?.learning.updates ?? 0 > 0 && fresh?.learning.updates == 0)
    let weights = begun?.learning.weights
    #expect(weights != fresh?.learning.weights)
    // A reset metric starts again in the same way.
    monitor.feed(wave(700).dropFirst(), to: name("disk.busy"))
    let models = LearntModels(monitor)
    models.reset([try #require(models.place(of: name("disk.busy")))])
    #expect(monitor[name("disk.busy")]?.learning.weights == weights)
  }

  /// A trained model of one column.
  private func trained(units: Int) throws -> [UInt8] {
    var table = RecordedTable(name: "load.csv", columns: ["load"])
    for (row, sample) in wave(1_200).enumerated() {
      table.append(at: sample.timestamp)
      table[row, 0] = sample.value
    }
    var request = ModelTraining.Request(ForecasterModel.self)
    request.plan.hidden = [units]
    request.plan.horizon = 48
    request.plan.epochs = 1
    return try ModelTraining(request, [table]).run(threads: 2, began: { _, _ in }) { _ in true }
      .bytes
  }

  @Test func `a trained forecaster serves if it has the shape of a detector`() throws {
    let path = scratch.file("load.model")
    write(try trained(units: 8), to: path)
    let settings = try settings("[Metric load*]\nPrior=\(path)\n")
    #expect(settings.allRefusals.isEmpty, "\(settings.allRefusals)")
    let priors = settings.priors(in: try settings.priorBook())
    #expect(priors(name("load.one"))?.seen == 1_200 && priors(name("other")) == nil)
    write(try trained(units: 4), to: path)
    let refusal = try #require(settings.allRefusals.first?.description)
    #expect(refusal.contains("anomalyd.conf:2: [Metric load*] Prior=: \(path): "), "\(refusal)")
    #expect(refusal.hasSuffix("--horizon 48), found one with 4 units"), "\(refusal)")
  }

  @Test func `unusable files are reported with file and line`() throws {
    write(try state("young", samples: 200), to: scratch.file("young.state"))
    write(Array(try state("a", samples: 1_100).dropLast(5)), to: scratch.file("cut.state"))
    mkdir(scratch.file("empty"), 0o755)
    for (file, text) in [
      ("young.state", "after at least 1,000 samples"), ("cut.state", "the copy is incomplete"),
      ("none", "none cannot be read: "), ("empty", "expected 1 to 10,000 files *.state, found 0"),
    ] {
      let settings = try settings("[Agent]\n[Metric x*]\nPrior=\(scratch.file(file))\n")
      let refusal = try #require(settings.allRefusals.first?.description)
      #expect(refusal.contains("anomalyd.conf:3: [Metric x*] Prior="), "\(refusal)")
      #expect(refusal.contains(text), "\(refusal)")
    }
  }
}
