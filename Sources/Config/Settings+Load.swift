import Glibc

extension Settings {
  /// The configuration directories, in order of precedence: the first main file found is read, and
  /// of drop-ins with the same name the first; a link to /dev/null hides later ones.
  static let directories = ["/etc", "/run", "/usr/local/lib", "/usr/lib"]

  /// Reads the configuration.
  ///
  /// The main file is `anomalyd/anomalyd.conf` under `/etc`, `/run`, `/usr/local/lib` or
  /// `/usr/lib`; then come the drop-ins, `anomalyd/anomalyd.conf.d/*.conf` of all of these in the
  /// order of their names. A later assignment wins over an earlier one. No file at all gives the
  /// defaults.
  /// - Parameters:
  ///   - types: the section types that the program knows.
  ///   - path: the main file instead of the usual ones; its drop-ins are in `PATH.d`.
  ///   - root: the prefix of the usual directories, `/` except in tests and containers.
  ///   - environment: looks up `STATE_DIRECTORY` and `RUNTIME_DIRECTORY`.
  /// - Throws: all errors of all files, including unreadable files.
  public static func load(
    _ types: SectionTypes,
    configuration path: String? = nil,
    root: String = "/",
    environment: [String: String] = systemEnvironment
  ) throws(SettingsErrors) -> Settings {
    var files: [String] = []
    var errors: [SettingsError] = []
    do throws(SettingsError) {
      files = try self.files(path, root: root)
    } catch {
      errors.append(error)
    }
    var syntax = SyntaxReader()
    for file in files {
      do throws(SettingsError) {
        syntax.read(try SettingsFile.read(file), file: file)
      } catch {
        errors.append(error)
      }
    }
    var interpreter = Interpreter(types, defaults: Settings(types, environment: environment))
    for section in syntax.sections { interpreter.take(section) }
    errors += syntax.errors + interpreter.finish()
    guard errors.isEmpty else {
      // By file and line; the sort is stable.
      let order = Dictionary(
        files.enumerated().map { ($1, $0) },
        uniquingKeysWith: { first, _ in first }
      )
      let sorted = errors.sorted {
        (order[$0.file] ?? -1, $0.line ?? 0) < (order[$1.file] ?? -1, $1.line ?? 0)
      }
      let kept = sorted.prefix(SettingsErrors.maximumCount)
      throw SettingsErrors(Array(kept), omitted: sorted.count - kept.count)
    }
    var settings = interpreter.settings
    settings.files = files
    return settings
  }

  /// `STATE_DIRECTORY` and `RUNTIME_DIRECTORY` of this process, as systemd sets them.
  public static var systemEnvironment: [String: String] {
    var result: [String: String] = [:]
    for name in ["STATE_DIRECTORY", "RUNTIME_DIRECTORY"] {
      if let value = getenv(name) { result[name] = String(cString: value) }
    }
    return result
  }

  /// The defaults under a service manager; the first of several directories, which are separated by
  /// colons.
  init(_ types: SectionTypes, environment: [String: String]) {
    self.init(types)
    func directory(_ name: String) -> String? {
      let first = environment[name]?.split(separator: ":").first.map(String.init)
      return first.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    if let state = directory("STATE_DIRECTORY") { agent.stateDirectory = state }
    if let runtime = directory("RUNTIME_DIRECTORY") {
      agent.controlSocket = runtime + "/io.anomalyd"
      runtimeDirectory = runtime
    }
  }

  /// The files read by ``load(_:configuration:root:environment:)``, in that order, each with its
  /// text, whether valid or not.
  /// - Throws: the first file or directory that cannot be read.
  public static func sources(
    configuration path: String? = nil, root: String = "/"
  ) throws(SettingsErrors) -> [(path: String, text: String)] {
    do throws(SettingsError) {
      return try files(path, root: root).map { file throws(SettingsError) in
        (file, try SettingsFile.read(file))
      }
    } catch {
      throw SettingsErrors([error], omitted: 0)
    }
  }

  /// The files of the configuration in reading order.
  private static func files(
    _ chosen: String?, root: String
  ) throws(SettingsError) -> [String] {
    guard let chosen else { return try usualFiles(root: root) }
    return try chosenFiles(chosen)
  }

  private static func chosenFiles(_ path: String) throws(SettingsError) -> [String] {
    let directory = path + ".d"
    return [path]
      + (try SettingsFile.dropIns(in: directory)).sorted(by: bytewise).map {
        "\(directory)/\($0)"
      }
  }

  private static func usualFiles(root: String) throws(SettingsError) -> [String] {
    let prefix = root.hasSuffix("/") ? String(root.dropLast()) : root
    let mains = directories.map { "\(prefix)\($0)/anomalyd/anomalyd.conf" }
    var paths: [String: String] = [:]
    for main in mains {
      for name in try SettingsFile.dropIns(in: main + ".d") where paths[name] == nil {
        paths[name] = "\(main).d/\(name)"
      }
    }
    return mains.filter(SettingsFile.exists).prefix(1)
      + paths.keys.sorted(by: bytewise).compactMap { paths[$0] }
  }

  /// The order of strcmp(3), independent of the locale.
  private static func bytewise(_ a: String, _ b: String) -> Bool {
    a.utf8.lexicographicallyPrecedes(b.utf8)
  }
}
