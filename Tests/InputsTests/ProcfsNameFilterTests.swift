import Inputs
import Testing

@Suite struct ProcfsNameFilterTests {
  @Test(arguments: [
    ([], [], "eth0", true), ([], ["eth*"], "eth0", false), (["eth*"], [], "eth0", true),
    (["eth*"], [], "wlan0", false), (["wlan0", "eth?"], ["eth1"], "eth0", true),
    (["wlan0", "eth?"], ["eth1"], "eth1", false), (["eth[0-3]"], [], "eth4", false),
    (["*"], ["*"], "eth0", false), (["["], [], "eth0", false),
  ])
  func `selects what is included and not excluded`(
    include: [String],
    exclude: [String],
    name: String,
    wanted: Bool
  ) {
    #expect(NameFilter(include: include, exclude: exclude).wants(name) == wanted)
  }

  @Test(arguments: [
    ([], false), (["*"], false), (["sd*"], false), (["sda1"], true), (["sda?"], true),
    (["sd*", "sda[12]"], true), (["sdb1"], false),
  ])
  func `selects a partition only if a pattern matches it specifically`(
    include: [String], wanted: Bool
  ) {
    #expect(NameFilter(include: include).wants("sda1", partOf: "sda") == wanted)
    #expect(!NameFilter(include: include, exclude: ["*1"]).wants("sda1", partOf: "sda"))
  }
}
