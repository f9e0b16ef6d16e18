import FoundationEssentials
import Testing

/// The fuzz targets, once with each input of `Tests/Fuzz/Corpus`: what broke a promise does not break it again.
@Suite(.serialized) struct CorpusTests {
  @Test(arguments: FuzzTarget.all)
  func `a fuzz target keeps its promises on its seeds and its corpus`(target: FuzzTarget) {
    #expect(!target.seeds.isEmpty)
    for input in target.seeds + target.corpus {
      FuzzTarget.$input.withValue(input) { target.run(input) }
    }
  }

  @Test func `every corpus belongs to a target, which would try its inputs`() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(names).isSubset(of: FuzzTarget.all.map(\.name)))
    for target in FuzzTarget.all {
      for input in target.seeds + target.corpus {
        #expect(input.count <= target.maximumBytes, "\(target.name)")
      }
    }
  }
}

extension FuzzTarget: CustomTestStringConvertible {
  /// What the target runs on.
  @TaskLocal fileprivate static var input: [UInt8] = []

  var testDescription: String { name }
}

/// Records a broken promise as a failure of the test.
func promise(_ holds: Bool, _ words: @autoclosure () -> String) {
  if holds { return }
  Issue.record("broken promise: \(words()), with \(Data(FuzzTarget.input).base64EncodedString())")
}
