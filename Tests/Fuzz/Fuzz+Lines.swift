import Series

@testable import Inputs

/// Takes samples and keeps what was sent.
private final class FuzzSink: SampleSink {
  var text = ""
  private var names: [MetricName] = []

  func metric(named name: MetricName) -> MetricID? {
    promise((try? MetricName(validating: name.text)) != nil, "a metric's name is one")
    names.append(name)
    return MetricID(index: names.count - 1)
  }

  func receive(_ sample: Sample, of metric: MetricID) {
    text += "\(names[metric.index])=\(sample.value)@\(sample.timestamp.nanoseconds) "
  }
}

private let now = Timestamp(seconds: 1_700_000_000)

extension SocketInput {
  /// Takes a datagram as if it had been received.
  fileprivate func take(_ bytes: [UInt8], into sink: FuzzSink) {
    for (index, byte) in bytes.prefix(buffer.count).enumerated() { buffer[index] = byte }
    take(DatagramSocket.Datagram(count: bytes.count, user: 1, process: 1), at: now, into: sink)
  }
}

extension FuzzTarget {
  /// A serial line: frames, values, pairs and JSON.
  static let serial = FuzzTarget(
    "serial",
    texts: [
      "0\n21.5,40,1013\n21.6,41,1014\r\n", "1\nt=21.5 h=40\nt=21.6,h=41;p=1\n",
      "2\n{\"t\":21.5,\"h\":[1,{\"a\":null}],\"s\":\"x\\\"y\",\"b\":true}\n", "3\n#hello\n1;2;3\n",
      "4\nt = 1\n", "5\n{}\n{\"a\":-1e5}\n",
    ]
  ) { bytes in
    guard let choice = bytes.first else { return }
    var configuration = SerialSection()
    configuration.format = [.csv, .keyValue, .json][Int(choice % 3)]
    if choice % 3 == 0 || choice & 8 != 0 { configuration.fields = ["t", "-", "p"] }
    if choice & 16 != 0 { configuration.delimiter = UInt8(ascii: ";") }
    var framer = SerialFramer(isByLine: true)
    var decoder = SerialDecoder(configuration)
    var channels = SerialChannels(configuration, prefix: "x")
    framer.synchronize()
    for byte in bytes.dropFirst() {
      guard framer.take(byte) == .frame else { continue }
      let frame = framer.bytes
      do throws(SerialFault) {
        guard try decoder.read(frame.span, count: framer.count) else { continue }
        for index in 0..<decoder.fields.count {
          let field = decoder.fields[index]
          promise(field.text.upperBound <= framer.count, "a value lies in its frame")
          if configuration.format != .csv {
            _ = channels.channel(named: field.name, in: frame.span)
          }
        }
      } catch {
        _ = error.description(in: frame)
      }
    }
  }

  /// What programs send to a socket: StatsD and the line protocol.
  static let socket = FuzzTarget(
    "socket",
    texts: [
      "0web.hits:1|c|@0.1|#env:prod,canary\nwait:1:2.5:3|ms\nusers:fe80::1|s\ndepth:-3|g",
      "1cpu,host=a,core=0 usage=12.5,idle=3i,up=t,s=\"x, \\\" y\" 1699999999000000000",
      "2disk\\ io,pa\\=th=/mnt/my\\,disk rea\\ d=1u 1699999999", "3_e{5,4}:title|text\n_sc|a|0",
      "wait:5|ms:7|ms|@0.5:9|ms|#a:b\nlog v=3,msg=\"one\ntwo\"",
      "4a:1|h|T1656581400|c:ci-1\n# comment\n\na v=1\na:2|d", "5a.p95:1|g\na:1|ms\n\u{FF}:1|c",
    ]
  ) { bytes in
    guard let choice = bytes.first else { return }
    let lines = Array(bytes.dropFirst())
    func samples(_ pieces: [[UInt8]]) -> (String, [UInt8]) {
      var configuration = SocketSection()
      configuration.path = "/x"
      configuration.datagramBytes = 512
      configuration.metricsPerSender = 20
      if choice & 1 != 0 { configuration.tags = .chosen(["env", "host"]) }
      if choice & 2 != 0 { configuration.signedGauges = .value }
      if choice & 4 != 0 { configuration.prefix = "" }
      if choice & 8 != 0 { configuration.precision = .milliseconds }
      let input = SocketInput(name: "x", configuration: configuration)
      let sink = FuzzSink()
      for piece in pieces { input.take(piece, into: sink) }
      input.metrics.flush(at: now, after: .seconds(10), now: now, to: sink)
      _ = input.drainNotices()
      return (sink.text, input.encodePosition())
    }
    let whole = samples([lines])
    let pieces = lines.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
    // A quoted text may contain line ends.
    promise(
      lines.contains(UInt8(ascii: "\"")) || whole == samples(pieces),
      "lines mean the same in one datagram and in several")
    let again = SocketInput(name: "x", configuration: SocketSection())
    again.restorePosition(whole.1)
  }

  /// The stored list of a socket's metrics.
  static let socketPosition = FuzzTarget(
    "socket-position", maximumBytes: 1_024,
    seeds: [
      {
        let input = SocketInput(name: "x", configuration: SocketSection())
        let lines = Array("a:1|c\nb:2|g\nc:3|ms|#x:y\nd:e|s\nf g=1".utf8)
        input.take(lines, into: FuzzSink())
        return input.encodePosition()
      }()
    ]
  ) { bytes in
    let input = SocketInput(name: "x", configuration: SocketSection())
    input.restorePosition(bytes)
    let position = input.encodePosition()
    let again = SocketInput(name: "x", configuration: SocketSection())
    again.restorePosition(position)
    promise(again.encodePosition() == position, "a stored list reads back")
    input.metrics.flush(at: now, after: .seconds(10), now: now, to: FuzzSink())
  }
}
