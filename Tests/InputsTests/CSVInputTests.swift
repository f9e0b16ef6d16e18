import Glibc
import Inputs
import Series
import Testing

@Suite struct CSVInputTests {
  private let directory = CSVDirectory()
  private let header = "timestamp,value\n"

  @Test func `delivers rows as they are appended`() {
    directory.write(header + csvRows(0..<2), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    #expect(watch.sink.names == ["pump.value"])
    #expect(watch.values() == ["0.0", "1.0"])
    directory.append(csvRows(2..<4), to: "pump.csv")
    watch.poll()
    #expect(watch.values() == ["0.0", "1.0", "2.0", "3.0"])
    #expect(
      watch.sink.samples(of: "pump.value").map(\.timestamp.seconds)
        == [1_704_067_200, 1_704_067_201, 1_704_067_202, 1_704_067_203])
    #expect(watch.warnings.isEmpty)
    #expect(watch.input.health.samples == 4)
    #expect(watch.input.health.malformed == 0)
    #expect(watch.input.health.lagBytes == 0)
  }
}
