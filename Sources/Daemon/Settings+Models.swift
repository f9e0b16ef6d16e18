import CommandLine
public import Config
import Models
package import Monitor
import Series
import System

/// The trained models of a configuration.
extension Settings {
  /// The models of all `[Model NAME]` sections.
  /// - Throws: the problem with the first unusable one, with file and line.
  package func attachments() throws(SettingsRefusal) -> [ModelAttachment] {
    var found: [ModelAttachment] = []
    for section in models { found.append(try attachment(section)) }
    return found
  }

  /// Settings that are well-formed but unusable, models included; empty if everything is usable.
  public var allRefusals: [SettingsRefusal] {
    refusals
      + models.compactMap { section in
        do throws(SettingsRefusal) {
          _ = try attachment(section)
          return nil
        } catch {
          return error
        }
      } + priorRefusal
  }

  private var priorRefusal: [SettingsRefusal] {
    do throws(SettingsRefusal) {
      _ = try priorBook()
      return []
    } catch {
      return [error]
    }
  }

  private func attachment(_ section: ModelSection) throws(SettingsRefusal) -> ModelAttachment {
    do throws(ModelFileError) {
      let loaded = try LoadedModel(contentsOf: section.file)
      return try ModelAttachment(section, loaded)
    } catch {
      let header = "Model \(section.name)"
      throw SettingsRefusal(
        section: header, key: error.key,
        origin: origin(section: header, key: error.key)
          ?? origin(section: header, key: "File"),
        reason: error.reason)
    }
  }
}

/// Why a model cannot be attached.
package struct ModelFileError: Error, CustomStringConvertible {
  /// The key of `[Model NAME]` that is at fault.
  package var key = "File"
  /// What was expected, and what was found.
  package var reason: String

  package var description: String { reason }
}

extension ModelAttachment {
  /// The model of a section, with the metrics that its columns read.
  init(_ section: ModelSection, _ loaded: LoadedModel) throws(ModelFileError) {
    let columns = loaded.columns
    let words = section.metrics
    guard !words.isEmpty else {
      if let bad = columns.first(where: { (try? MetricName(validating: $0)) == nil }) {
        throw ModelFileError(
          reason:
            "expected columns named like metrics, found '\(bad)': list the metrics of the "
            + "\(columns.count) columns in Metrics=")
      }
      self.init(name: section.name, path: section.file, loaded: loaded, metrics: nil)
      return
    }
    guard words.count == columns.count else {
      throw ModelFileError(
        key: "Metrics",
        reason: "expected \(HumanNumber.counted(columns.count, "metric")), one for each column of "
          + "the model (\(listed(columns))), found \(words.count)")
    }
    for (index, word) in words.enumerated() where words[..<index].contains(word) {
      throw ModelFileError(
        key: "Metrics", reason: "expected a different metric for each column, found \(word) twice")
    }
    self.init(
      name: section.name, path: section.file, loaded: loaded,
      metrics: words.compactMap { Glob($0) })
  }
}

private func listed(_ columns: [String]) -> String {
  columns.count <= 12
    ? columns.joined(separator: ", ") : columns.prefix(12).joined(separator: ", ") + ", ..."
}

extension LoadedModel {
  /// The model in a file, if a host can afford to judge each row with it.
  package convenience init(contentsOf path: String) throws(ModelFileError) {
    let bytes: [UInt8]
    do throws(Errno) {
      bytes = try RegularFile.read(path, atMost: LoadedModel.maximumBytes)
    } catch {
      throw ModelFileError(reason: "\(path) cannot be read: \(error)")
    }
    do throws(TrainedModel.FileError) {
      try self.init(bytes: bytes) { ContinuousClock().measure($0) }
    } catch {
      throw ModelFileError(reason: "\(path): \(error)")
    }
    guard multiplications <= LoadedModel.mostMultiplications else {
      throw ModelFileError(
        reason: "\(path): expected a model that takes at most "
          + "\(HumanNumber.count(LoadedModel.mostMultiplications)) multiplications a row, so that "
          + "nothing else is held up for long, found \(HumanNumber.count(multiplications)): train one with "
          + "fewer units, a shorter window or fewer members")
    }
  }
}
