public import Series

/// Panels over one horizontal axis: lines with bands, spans that are marked, thresholds.
public struct Chart: Sendable {
  /// The horizontal axis.
  public enum Axis: Sendable {
    /// Moments, ascending.
    case times([Timestamp])
    /// Numbers, ascending.
    case numbers([Double], name: String)
  }

  /// What a line is, which gives it its colour.
  public enum Role: String, Sendable {
    /// What was measured.
    case value
    /// What was expected.
    case expected
    /// A score.
    case score
    /// Another line.
    case other
  }

  /// A line.
  public struct Line: Sendable {
    /// What the legend says.
    public var name: String
    /// What it is.
    public var role: Role
    /// A value for each place of the axis; NaN for a gap.
    public var values: [Double]

    /// A line.
    public init(name: String, role: Role, values: [Double]) {
      self.name = name
      self.role = role
      self.values = values
    }
  }

  /// One of the panels, from above.
  public struct Panel: Sendable {
    /// What stands over it.
    public var title: String
    /// The lines, the first on top.
    public var lines: [Line]
    /// Lower and upper edge for each place of the axis; NaN for a gap.
    public var band: (lower: [Double], upper: [Double])?
    /// A horizontal line, and what it is.
    public var threshold: (value: Double, name: String)?

    /// A panel.
    public init(title: String, lines: [Line]) {
      self.title = title
      self.lines = lines
    }
  }

  /// What a marked span is, which gives it its colour.
  public enum Mark: String, CaseIterable, Sendable {
    /// An anomaly by its label.
    case label
    /// A detection that meets an anomaly, or where nothing is labelled.
    case event
    /// A detection that meets none.
    case falseAlarm = "false-alarm"
    /// What a model was trained on.
    case training

    /// What the legend says.
    public var name: String {
      switch self {
      case .label: "labelled anomaly"
      case .event: "detection"
      case .falseAlarm: "false alarm"
      case .training: "trained on"
      }
    }
  }

  /// A span of the axis that is marked in all panels.
  public struct Span: Sendable {
    /// Places of the axis.
    public var places: ClosedRange<Int>
    /// What it is.
    public var mark: Mark

    /// A marked span.
    public init(_ places: ClosedRange<Int>, _ mark: Mark) {
      self.places = places
      self.mark = mark
    }
  }

  /// What stands over all.
  public var title: String
  /// The horizontal axis.
  public var axis: Axis
  /// The panels, from above.
  public var panels: [Panel]
  /// The spans that are marked.
  public var spans: [Span] = []

  /// A chart without marks.
  public init(title: String, axis: Axis, panels: [Panel]) {
    self.title = title
    self.axis = axis
    self.panels = panels
  }

  /// Number of places of the axis.
  public var count: Int {
    switch axis {
    case .times(let times): times.count
    case .numbers(let numbers, _): numbers.count
    }
  }

  /// Where on the axis a place is, in seconds or as the number that it is.
  func position(_ place: Int) -> Double {
    switch axis {
    case .times(let times): Double(times[place].nanoseconds - times[0].nanoseconds) * 1e-9
    case .numbers(let numbers, _): numbers[place]
    }
  }
}
