import Glibc
import System
import Testing

@Suite struct DescriptorLimitTests {
  @Test(arguments: [(1_024, 896), (65_536, 65_408), (64, 32)])
  func `reserves a part of the descriptors`(total: Int, forFiles: Int) {
    #expect(DescriptorLimit(total: total).forFiles == forFiles)
  }

  @Test func `raises the soft limit to the hard one`() async {
    await #expect(processExitsWith: .success) {
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
      var limit = rlimit(rlim_cur: 64, rlim_max: 300)
      setrlimit(resource, &limit)
      #expect(DescriptorLimit.raise() == DescriptorLimit(total: 300))
      getrlimit(resource, &limit)
      #expect(limit.rlim_cur == 300)
      let left = DescriptorLimit.current.filesLeft
      let one = try Descriptor(opening: "/dev/null", O_RDONLY)
      #expect(DescriptorLimit.current.filesLeft < left)
      #expect(one.number >= 0)
    }
  }
}
