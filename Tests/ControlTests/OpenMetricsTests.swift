import Control
import ControlSupport
import Glibc
import Support
import Testing

@Suite struct OpenMetricsTests {
  private func metrics(_ count: Int = 0) throws -> OpenMetrics {
    let handler = SampleHandler()
    let page = try handler.listMetrics(MetricListRequest(), from: 0, limit: 100)
    return OpenMetrics(handler.status(), metrics: Array(page.metrics.prefix(count)))
  }

  @Test(arguments: [
    "anomalyd_build_info{version=\"0.1.0\"} 1", "anomalyd_start_time_seconds 1795183200",
    "anomalyd_cpu_seconds_total 1.5", "anomalyd_input_up{input=\"furnace\",type=\"csv\"} 0",
    "anomalyd_input_malformed_total{input=\"furnace\",type=\"csv\"} 3",
    "anomalyd_input_lag_bytes{input=\"furnace\",type=\"csv\"} 4096",
    "anomalyd_output_up{output=\"events\",type=\"file\"} 0",
    "anomalyd_events_total{severity=\"warning\",step=\"closed\"} 2",
    "anomalyd_incidents_open 1",
    "anomalyd_problems 1", "anomalyd_problem{kind=\"loss\",subject=\"output events\"} 1",
    "anomalyd_incidents_total{severity=\"error\",step=\"worsened\"} 1",
    "anomalyd_incidents_total{severity=\"error\",step=\"closed\"} 3",
    "anomalyd_events_silenced_total{severity=\"warning\"} 4", "anomalyd_events_open 1",
    "anomalyd_metrics{state=\"anomalous\"} 1", "anomalyd_checkpoint_duration_seconds 0.0125",
    "anomalyd_config_last_reload_successful 0", "anomalyd_silences_active 2",
    "anomalyd_metric_score{metric=\"m1\"} 1.5", "# UNIT anomalyd_cpu_seconds seconds",
  ])
  func `prints OpenMetrics`(line: String) throws {
    #expect(try metrics(2).text(.openMetrics).split(separator: "\n").contains(line[...]))
  }

  @Test(arguments: [
    "# TYPE anomalyd_cpu_seconds_total counter", "# TYPE anomalyd_build_info gauge",
    "anomalyd_cpu_seconds_total 1.5",
  ])
  func `prints the format that node_exporter reads`(line: String) throws {
    let lines = try metrics().text(.prometheus).split(separator: "\n")
    #expect(lines.contains(line[...]))
    #expect(!lines.contains { $0.hasPrefix("# UNIT") || $0.hasPrefix("# EOF") })
    #expect(!lines.contains { $0.hasPrefix("anomalyd_metric_") })
  }

  @Test func `a metric without a value has no sample`() throws {
    let text = try metrics(5).text(.openMetrics)
    #expect(!text.contains("anomalyd_input_lag_bytes{input=\"host\""))
    #expect(!text.contains("anomalyd_metric_value{metric=\"m4\""))
    #expect(!text.contains("nan"))
  }

  @Test func `names that need it are escaped`() throws {
    var status = SampleHandler().status()
    status.version = "a\"b\\c\nd"
    let text = OpenMetrics(status).text(.openMetrics)
    #expect(text.contains(#"anomalyd_build_info{version="a\"b\\c\nd"} 1"#))
    // As parts of other characters, too: a line break in CR LF, a quotation mark with an accent.
    status.version = "a\r\nb\"\u{301}c"
    #expect(OpenMetrics(status).text(.openMetrics).contains("\"a\r\\nb\\\"\u{301}c\"} 1"))
  }

  /// Counters end in _total, nothing else does; a name with a unit ends in it.
  @Test func `names follow the conventions`() throws {
    var type = ""
    for line in try metrics(3).text(.prometheus).split(separator: "\n") {
      let words = line.split(separator: " ")
      if words[0] == "#", words[1] == "TYPE" {
        type = String(words[3])
        #expect(words[2].hasSuffix("_total") == (type == "counter"))
        #expect(words[2].allSatisfy { $0.isLowercase || $0 == "_" })
      }
    }
  }

  @Test(
    .enabled(if: Needs.pythonPackages.isMet, "\(Needs.pythonPackages)"),
    arguments: [OpenMetrics.Dialect.openMetrics, .prometheus])
  func `is accepted by Prometheus's own parser`(dialect: OpenMetrics.Dialect) throws {
    let scratch = Scratch()
    write(try metrics(5).text(dialect), atEndOf: scratch.file("metrics"))
    let module =
      dialect == .openMetrics
      ? "prometheus_client.openmetrics.parser" : "prometheus_client.parser"
    write(
      """
      import sys
      try:
          from \(module) import text_string_to_metric_families as parse
      except ImportError:
          print("not installed")
          sys.exit(0)
      families = list(parse(open(sys.argv[1]).read()))
      counters = [f for f in families if f.type == "counter"]
      print(len(families) > 30, len(counters) > 8, all(f.documentation for f in families))
      print([s.value for f in families for s in f.samples if s.name == "anomalyd_cpu_seconds_total"])
      """, atEndOf: scratch.file("parse.py"))
    let command =
      "'\(Needs.python)' '\(scratch.file("parse.py"))' '\(scratch.file("metrics"))' 2>&1"
    let pipe = try #require(popen(command, "r"))
    defer { pclose(pipe) }
    var output: [UInt8] = []
    while case let byte = getc(pipe), byte != EOF { output.append(UInt8(byte)) }
    let text = String(decoding: output, as: UTF8.self)
    if text != "not installed\n" { #expect(text == "True True True\n[1.5]\n") }
  }
}
