import Series
import Testing

@Suite struct GlobTests {
  @Test(arguments: [
    ("*", ""), ("*", "cpu.busy"), ("cpu.*", "cpu."), ("cpu.*", "cpu.busy"), ("*.busy", "cpu.busy"),
    ("c*.b*y", "cpu.busy"), ("sd?", "sda"), ("[a-c]x", "bx"), ("[!a-c]x", "dx"), ("[]]", "]"),
    ("[a-]", "-"), ("\\*", "*"), ("größe?", "größe1"), ("**a**", "a"), ("a*b*c", "abbbcbc"),
  ])
  func `matches the whole name`(pattern: String, name: String) throws {
    #expect(try #require(Glob(pattern)).matches(name))
  }

  @Test(arguments: [
    ("cpu", "cpu.busy"), ("busy", "cpu.busy"), ("sd?", "sd"), ("sd?", "sdaa"), ("[a-c]x", "dx"),
    ("[!a-c]x", "bx"), ("\\*", "a"), ("?", ""), ("a*b*c", "abbbcb"),
  ])
  func `does not match a part or another`(pattern: String, name: String) throws {
    #expect(try !#require(Glob(pattern)).matches(name))
  }

  @Test(arguments: ["", "[", "[a", "[]", "[!", "a\\", "[z-a]", String(repeating: "a", count: 1001)])
  func `refuses invalid patterns`(text: String) {
    #expect(Glob(text) == nil)
  }

  @Test func `a pattern with many stars stays fast`() throws {
    let pattern = try #require(Glob(String(repeating: "a*", count: 100) + "b"))
    #expect(!pattern.matches(String(repeating: "a", count: 200)))
  }
}
