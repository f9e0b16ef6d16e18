import Glibc

/// Why this process may not use a file.
package enum FileAccess {
  /// For EACCES and EPERM: who owns the file or the directory that hides it, the user of this
  /// process, and the remedy, such as ` (/var/lib/anomalyd/lock belongs to root, mode 0600; this
  /// process runs as anomalyd: 'chown anomalyd /var/lib/anomalyd/lock' gives it access)`. Empty for
  /// other errors.
  /// - Parameter isRead: whether it is another user's file, which is only to be read.
  package static func explanation(
    of path: String, _ errno: Errno, isRead: Bool = false
  ) -> String {
    guard errno.code == EACCES || errno.code == EPERM, let culprit = deepest(path) else {
      return ""
    }
    let (name, facts) = culprit
    let digits = String(facts.st_mode & 0o7777, radix: 8)
    let mode = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    let ownership =
      "\(name) belongs to \(userName(facts.st_uid)), mode \(mode); this process runs as "
      + userName(geteuid())
    guard facts.st_uid != geteuid(), geteuid() != 0 else { return " (\(ownership))" }
    let user = userName(geteuid())
    guard isRead else { return " (\(ownership): 'chown \(user) \(name)' gives it access)" }
    if facts.st_mode & S_IRGRP != 0, facts.st_gid != 0, let group = getgrgid(facts.st_gid) {
      let group = String(cString: group.pointee.gr_name)
      return
        " (\(ownership): SupplementaryGroups=\(group) in a drop-in of its unit gives it access)"
    }
    let permission = facts.st_mode & S_IFMT == S_IFDIR ? "rx" : "r"
    return " (\(ownership): 'setfacl -m u:\(user):\(permission) \(name)' gives it access)"
  }

  /// The longest accessible prefix of a path: the file, or the directory in which it may not be
  /// looked up or created.
  private static func deepest(_ path: String) -> (name: String, facts: stat)? {
    var name = path
    var facts = stat()
    while stat(name, &facts) != 0 {
      guard let slash = name.lastIndex(of: "/"), name != "/" else { return nil }
      name = slash == name.startIndex ? "/" : String(name[..<slash])
    }
    return (name, facts)
  }

  /// The name of a user; the number if it has no name.
  private static func userName(_ user: uid_t) -> String {
    getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? String(user)
  }
}
