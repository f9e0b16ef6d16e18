package import Config
package import Detection
import Glibc
import Models
import Monitor
package import Series
import System

/// The priors of new metrics, by path and, in directories, by metric.
package struct PriorBook: Sendable {
  /// Maximum number of files in a directory.
  static let mostFiles = 10_000

  private enum Entry: Sendable {
    case file(DetectorPrior)
    case folder([MetricName: DetectorPrior])
  }

  private var entries: [String: Entry] = [:]

  fileprivate mutating func read(_ path: String) throws(ModelFileError) {
    guard entries[path] == nil else { return }
    let bytes: [UInt8]?
    do throws(Errno) {
      bytes = try RegularFile.read(path, atMost: PortableModel.maximumBytes)
    } catch {
      guard error == Errno(EISDIR) else {
        throw ModelFileError(key: "Prior", reason: "\(path) cannot be read: \(error)")
      }
      bytes = nil
    }
    guard let bytes else {
      entries[path] = .folder(try PriorBook.folder(path))
      return
    }
    entries[path] = .file(try PriorBook.prior(bytes, path).prior)
  }

  private static func folder(
    _ path: String
  ) throws(ModelFileError) -> [MetricName: DetectorPrior] {
    var found: [MetricName: DetectorPrior] = [:]
    do {
      let directory = try Directory(path)
      let names = try directory.names().filter { $0.hasSuffix(".state") }
      guard (1...mostFiles).contains(names.count) else {
        throw ModelFileError(
          key: "Prior",
          reason: "\(path): expected 1 to \(HumanNumber.count(mostFiles)) files *.state, found "
            + HumanNumber.count(names.count))
      }
      for name in names.sorted() {
        let bytes = try directory.readFile(name, maximumBytes: PortableModel.maximumBytes)
        guard let bytes else { continue }
        let (metric, prior) = try prior(bytes, "\(path)/\(name)")
        found[metric] = prior
      }
    } catch let error as ModelFileError {
      throw error
    } catch {
      throw ModelFileError(key: "Prior", reason: "\(path) cannot be read: \(error)")
    }
    return found
  }

  private static func prior(
    _ bytes: [UInt8], _ path: String
  ) throws(ModelFileError) -> (metric: MetricName, prior: DetectorPrior) {
    let reason: String
    do {
      if let trained = try trained(bytes) {
        return (MetricName(sanitizing: trained.columns[0].name), try DetectorPrior(trained))
      }
      let model = try PortableModel(bytes: bytes)
      if let prior = try model.prior() { return (model.metric, prior) }
      reason =
        "expected the state of a metric after at least "
        + "\(HumanNumber.count(DetectorPrior.leastSamples)) samples, found fewer, or a trace"
    } catch let refusal as PriorRefusal {
      reason = refusal.reason
    } catch {
      reason = "\(error)"
    }
    throw ModelFileError(key: "Prior", reason: "\(path): \(reason)")
  }

  /// A trained model; nil for another kind of file.
  private static func trained(
    _ bytes: [UInt8]
  ) throws(TrainedModel.FileError) -> TrainedModel? {
    do throws(TrainedModel.FileError) {
      return try TrainedModel(bytes: bytes)
    } catch .noModel {
      return nil
    }
  }

  /// The prior at a path for a metric.
  func prior(at path: String, for metric: MetricName) -> DetectorPrior? {
    switch entries[path] {
    case .file(let prior): prior
    case .folder(let priors): priors[metric]
    case nil: nil
    }
  }
}

extension Settings {
  /// Everything that `Prior=` names.
  /// - Throws: the problem with the first unusable one, with file and line.
  package func priorBook() throws(SettingsRefusal) -> PriorBook {
    var book = PriorBook()
    for (path, section) in priors {
      do throws(ModelFileError) {
        try book.read(path)
      } catch {
        throw SettingsRefusal(
          section: section, key: error.key, origin: origin(section: section, key: error.key),
          reason: error.reason)
      }
    }
    return book
  }

  /// The prior of each new metric under this configuration.
  package func priors(in book: PriorBook) -> (MetricName) -> DetectorPrior? {
    { metric in prior(of: metric).flatMap { book.prior(at: $0.path, for: metric) } }
  }
}
