/// The possible problems of a CSV file; each kind is reported, counted and rate-limited on its own.
enum CSVProblem: Int, InputProblem {
  case cannotOpen
  case cannotRead
  case vanished
  case layout
  case layoutPending
  case columnLimit
  case encoding
  case lineTooLong
  case nulByte
  case openQuote
  case cellCount
  case timestamp
  case timeOrder
  case key
  case number
  case event
  case tooManyStreams
  case tornLine
  case compressed
  case tooManyFiles
  case sameName
  case cannotSearch

  var malformedCount: MalformedCount {
    switch self {
    case .cannotOpen, .cannotRead, .encoding: .onceWhileItLasts
    case .vanished, .layoutPending, .columnLimit, .tooManyFiles, .sameName: .never
    case .tooManyStreams: .never
    case .cannotSearch, .compressed: .never
    default: .always
    }
  }

  var plural: String? {
    switch self {
    case .cannotOpen: "failed attempts to open it"
    case .cannotRead: "failed attempts to read it"
    case .vanished: "disappearances"
    case .layout: "lines that do not fit the configured columns"
    case .layoutPending: "attempts with too few lines"
    case .columnLimit: "headers with too many columns"
    case .encoding: "pieces of UTF-16"
    case .lineTooLong: "lines that are too long"
    case .nulByte: "lines with NUL bytes"
    case .openQuote: "lines with an unclosed quote"
    case .cellCount: "rows with a wrong number of cells"
    case .timestamp: "rows with an unreadable time stamp"
    case .timeOrder: "rows that go back in time"
    case .key: "rows without a usable key"
    case .number: "cells that are not numbers"
    case .event: "rows without a usable event"
    case .tooManyStreams: "events of excess threads"
    case .tornLine: "lines cut off at the end of the file"
    case .compressed: "files that were compressed too early"
    case .tooManyFiles: "searches that found too many files"
    case .sameName: "searches that found files of the same name"
    case .cannotSearch: "failed searches"
    }
  }
}
