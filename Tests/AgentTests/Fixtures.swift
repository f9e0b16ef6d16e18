import Agent
import Detection
import FoundationEssentials
import Glibc
import Series

func name(_ text: String) -> MetricName { MetricName(sanitizing: text) }

func watchAll(_ metric: MetricName) -> MetricPolicy { .watch(DetectorConfiguration()) }

/// A daily wave with some noise and a spike now and then, one value every five minutes; the same
/// at each call.
func wave(_ count: Int) -> [Sample] {
  var random = UInt64(88_172_645_463_325_252)
  return (0..<count).map { index in
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    let noise = Double(random >> 11) / Double(1 << 53) - 0.5
    let spike = index > 400 && index % 197 == 0 ? 60.0 : 0
    return Sample(
      timestamp: Timestamp(seconds: 1_700_000_000 + Double(index) * 300),
      value: 50 + 10 * sin(Double(index) / 45) + noise + spike
    )
  }
}

extension Pipeline {
  /// Hands samples over to a metric.
  func feed(_ samples: some Sequence<Sample>, to metric: MetricName) {
    guard let id = self.metric(named: metric) else { return }
    for sample in samples { receive(sample, of: id) }
  }
}

/// A fresh directory, removed with what is in it when this goes away.
final class Scratch {
  let path: String

  init() {
    path = "/tmp/anomalyd-agent-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    precondition(mkdir(path, 0o700) == 0, "cannot make \(path)")
  }

  func file(_ name: String) -> String { path + "/" + name }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

func contents(_ path: String) -> String {
  guard let file = fopen(path, "r") else { return "" }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  while case let byte = getc(file), byte != EOF { bytes.append(UInt8(byte)) }
  return String(decoding: bytes, as: UTF8.self)
}

func write(_ text: String, atEndOf path: String) {
  guard let file = fopen(path, "a") else { return }
  fputs(text, file)
  fclose(file)
}

/// Whether this process may mount file systems.
var canMount: Bool {
  let scratch = Scratch()
  guard mount("tmpfs", scratch.path, "tmpfs", 0, "size=4k") == 0 else { return false }
  umount2(scratch.path, Int32(MNT_DETACH))
  return true
}
