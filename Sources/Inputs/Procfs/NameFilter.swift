internal import Glibc

/// Which names are wanted: shell patterns (`*`, `?`, `[a-z]`) to include, and to exclude again.
public struct NameFilter: Equatable, Sendable {
  /// A name is wanted only if one of these matches; an empty list wants nothing.
  public var include: [String]
  /// A name that one of these matches is not wanted, whatever `include` says.
  public var exclude: [String]

  /// A filter of shell patterns as in `fnmatch(3)`.
  public init(include: [String] = ["*"], exclude: [String] = []) {
    self.include = include
    self.exclude = exclude
  }

  /// Whether `name` is wanted.
  public func wants(_ name: String) -> Bool {
    func matches(_ pattern: String) -> Bool { fnmatch(pattern, name, 0) == 0 }
    return include.contains(where: matches) && !exclude.contains(where: matches)
  }
}
