import Config
import Control
import Daemon
import Glibc
import Series
import Support
import Testing

@Suite struct TextfileTests {
  @Test func `metrics about the daemon are in the file while it runs`() throws {
    let stage = Stage()
    let path = stage.file("anomalyd.prom")
    stage.settings.agent.textfileMetrics = path
    stage.settings.agent.textfileScores = ["table.*"]
    stage.append(wave(20))
    try stage.run(until: 20) { agent in
      agent.reload()
      unlink(path)
      stage.settings.agent.textfileMetrics = stage.file("other.prom")
      agent.reload()
      agent.keepHouse()
      let text = contents(stage.file("other.prom"))
      #expect(text.contains("\nanomalyd_input_samples_total{input=\"table\",type=\"csv\"} 20\n"))
      #expect(text.contains("\nanomalyd_metric_anomalous{metric=\"table.wave\"} 0\n"))
      var status = stat()
      stat(stage.file("other.prom"), &status)
      #expect(status.st_mode & 0o777 == 0o644)
      return 20
    }
    #expect(access(path, F_OK) != 0)
    #expect(access(stage.file("other.prom"), F_OK) != 0)
    #expect(access(stage.file("other.prom.new"), F_OK) != 0)
  }

  @Test func `a file that cannot be written is reported once and shown in the status`() throws {
    let stage = Stage()
    stage.settings.agent.textfileMetrics = stage.file("missing/anomalyd.prom")
    stage.append(wave(10))
    try stage.run(until: 10) { agent in
      agent.keepHouse()
      agent.keepHouse()
      let problem = agent.report.status().textfile?.lastError ?? ""
      #expect(problem.hasSuffix("/missing: open failed: No such file or directory"))
      return 10
    }
    #expect(stage.log.filter { $0.contains("TextfileMetrics=: ") }.count == 1)
  }
}
