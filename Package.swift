// swift-tools-version: 6.2
import PackageDescription

/// The switches under which every Swift target is compiled.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A room of the house: its name is its folder, its dependencies are all that it may import.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of one room.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name,
    dependencies: dependencies + ["Support"],
    path: "Tests/\(name)",
    swiftSettings: strict
  )
}

let package = Package(
  name: "anomalyd",
  products: [
    .executable(name: "anomalyd", targets: ["anomalyd"]),
    .executable(name: "anomalyd-webhook", targets: ["anomalyd-webhook"]),
    .executable(name: "anomalyctl", targets: ["anomalyctl"]),
  ],
  targets: [
    .target(name: "CKernels"),
    .systemLibrary(
      name: "CCurl",
      pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"])]
    ),
    .systemLibrary(
      name: "CSystemd",
      pkgConfig: "libsystemd",
      providers: [.apt(["libsystemd-dev"])]
    ),

    // Pure rooms: no descriptors, no clock, no logging, no Foundation.
    .target(
      name: "Series",
      swiftSettings: strict,
      linkerSettings: [.linkedLibrary("m")]
    ),  // rounding, where nothing else pulls libm in
    room("LSTM", ["CKernels"]),
    room("Calendar", ["Series"]),
    room("Detection", ["LSTM", "Series", "CKernels"]),
    room("Evaluation", ["Detection", "Series"]),
    room("Terminal", ["Series"]),

    room("Outbox", ["Series"]),
    room("Formats", ["Series"]),

    // Rooms at the boundary. Siblings do not import each other.
    room("Settings", ["Calendar", "Detection", "Series"]),
    room("Inputs", ["Calendar", "Series", "CSystemd"]),
    room("Outputs", ["Detection", "Outbox", "Series", "Terminal", "CSystemd"]),
    room("Store", ["Detection", "Series", "CKernels", "CSystemd"]),
    room("Control", ["Series", "CSystemd"]),

    // What speaks to the network, in a program of its own.
    room("Delivery", ["CCurl", "Formats", "Outbox", "Series"]),

    // The wiring, and the programs.
    room(
      "Agent",
      [
        "CSystemd", "Calendar", "Control", "Detection", "Formats", "Inputs", "Outbox", "Outputs",
        "Series", "Settings", "Store", "Terminal",
      ]
    ),
    .executableTarget(
      name: "anomalyd",
      dependencies: ["Agent", "Settings", "Terminal"],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "anomalyd-webhook",
      dependencies: ["Delivery", "Formats", "Outbox", "Series", "Settings", "Terminal"],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "anomalyctl",
      dependencies: [
        "Agent", "Calendar", "Control", "Detection", "Evaluation", "Inputs", "Outputs", "Series",
        "Settings", "Terminal",
      ],
      swiftSettings: strict
    ),

    // What `make bench` runs.
    .target(name: "MachineLimits", path: "Benchmarks/MachineLimits"),
    .target(name: "Measuring", path: "Benchmarks/Measuring", swiftSettings: strict),
    .executableTarget(
      name: "anomalyd-bench",
      dependencies: ["Detection", "Inputs", "LSTM", "MachineLimits", "Measuring", "Series"],
      path: "Benchmarks/anomalyd-bench",
      swiftSettings: strict
    ),

    .target(
      name: "Support",
      dependencies: ["Series"],
      path: "Tests/Support",
      swiftSettings: strict
    ),
    tests("HouseTests", []),
    tests("SeriesTests", ["Series"]),
    tests("CalendarTests", ["Calendar", "Series"]),
    tests("MeasuringTests", ["Measuring"]),
    tests("LSTMTests", ["LSTM", "CKernels"]),
    .target(
      name: "ControlSupport",
      dependencies: ["Control", "Series", "Support"],
      path: "Tests/ControlSupport",
      swiftSettings: strict
    ),
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    // What `make gates` counts.
    .executableTarget(
      name: "anomalyd-gates",
      dependencies: ["Agent", "AllocationCounter", "Detection", "Inputs", "LSTM", "Series"],
      path: "Tests/Gates/anomalyd-gates",
      swiftSettings: strict
    ),
    tests("DetectionTests", ["Detection", "LSTM", "Series", "AllocationCounter"]),
    tests("EvaluationTests", ["Evaluation", "Detection", "Series"]),
    tests("TerminalTests", ["Terminal", "Series"]),
    tests("SettingsTests", ["Settings", "Calendar", "Detection", "Series"]),
    tests("InputsTests", ["Inputs", "Calendar", "Series", "AllocationCounter"]),
    tests("OutboxTests", ["Outbox", "Series"]),
    tests("DeliveryTests", ["Delivery", "Formats", "Outbox", "Series"]),
    tests("FormatsTests", ["Formats", "Series"]),
    tests("OutputsTests", ["Outputs", "Detection", "Outbox", "Series", "Terminal"]),
    tests("StoreTests", ["Store", "Detection", "Series"]),
    tests("ControlTests", ["Control", "ControlSupport", "Series"]),
    tests(
      "AnomalyctlTests",
      ["Calendar", "anomalyctl", "Control", "ControlSupport", "Series", "Terminal"]),
    tests(
      "AgentTests",
      [
        "Agent", "AllocationCounter", "Calendar", "Control", "Detection", "Inputs", "Outbox",
        "Outputs",
        "Series",
        "Settings", "Store",
      ]
    ),
  ],
  cLanguageStandard: .c17
)

// `make fuzz` builds with libFuzzer, which not every toolchain has, and reaches into the rooms.
if Context.environment["FUZZ"] != nil {
  // A program's parts cannot be linked into another one: here it is a library.
  package.products.removeAll { $0.name == "anomalyctl" }
  if let index = package.targets.firstIndex(where: { $0.name == "anomalyctl" }) {
    let program = package.targets[index]
    package.targets[index] = .target(
      name: program.name,
      dependencies: program.dependencies,
      exclude: ["main.swift"],
      swiftSettings: strict
    )
  }
  package.targets.append(
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "Agent", "Calendar", "Control", "ControlSupport", "Detection", "Formats", "Inputs",
        "Outbox", "Outputs", "Series", "Settings", "Store", "Terminal", "anomalyctl",
      ],
      path: "Tests/Fuzz",
      swiftSettings: strict
    )
  )
}
