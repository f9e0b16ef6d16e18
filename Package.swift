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

/// The rooms that fuzz targets reach into.
let fuzzed: [Target.Dependency] = [
  "anomalyctl", "Calendar", "CommandLine", "Config", "Control", "ControlSupport", "Daemon",
  "Detection",
  "Events", "Formats", "Inputs", "Models", "Monitor", "Outbox", "Outputs", "Series", "Store",
  "System",
]

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
      dependencies: ["CKernels"],
      swiftSettings: strict,
      linkerSettings: [.linkedLibrary("m")]
    ),  // rounding, where nothing else pulls libm in
    room("Networks", ["CKernels"]),
    room("Calendar", ["Series"]),
    room("Detection", ["Networks", "Series", "CKernels"]),
    room("Models", ["Detection", "Networks", "Series"]),
    room("Events", ["Detection", "Series"]),
    room("Monitor", ["Calendar", "Detection", "Events", "Models", "Series"]),
    room("Evaluation", ["Detection", "Events", "Models", "Monitor", "Series"]),

    // The system's edge: what every room outside the spine asks the kernel through.
    room("System", ["CSystemd", "Series"]),
    room("CommandLine", ["Series"]),
    room("Reports", ["CommandLine", "Series"]),

    room("Outbox", ["Series", "System"]),
    room("Formats", ["Series", "System"]),

    // Rooms at the boundary. Siblings do not import each other.
    room("Config", ["Calendar", "Detection", "Events", "Series", "System"]),
    room("Inputs", ["Calendar", "Config", "Series", "System", "CSystemd"]),
    room(
      "Outputs",
      [
        "CSystemd", "CommandLine", "Config", "Detection", "Events", "Formats", "Outbox", "Series",
        "System",
      ]
    ),
    room("Store", ["Detection", "Events", "Monitor", "Series", "System", "CSystemd"]),
    .target(
      name: "Control",
      dependencies: [
        "CSystemd", "Calendar", "Detection", "Events", "Monitor", "Series", "System",
      ],
      resources: [
        .embedInCode("Interfaces/org.varlink.service.varlink"),
        .embedInCode("Interfaces/io.anomalyd.varlink"),
      ],
      swiftSettings: strict
    ),

    // What speaks to the network, in a program of its own.
    room("Delivery", ["CCurl", "Formats", "Outbox", "Series", "System"]),

    // The wiring, and the programs.
    room(
      "Daemon",
      [
        "CSystemd", "Calendar", "CommandLine", "Config", "Control", "Detection", "Events",
        "Inputs", "Models", "Monitor", "Outbox", "Outputs", "Series", "Store", "System",
      ]
    ),
    .executableTarget(
      name: "anomalyd",
      dependencies: ["CommandLine", "Config", "Daemon", "Series"],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "anomalyd-webhook",
      dependencies: [
        "CommandLine", "Config", "Delivery", "Formats", "Outbox", "Outputs", "Series", "System",
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "anomalyctl",
      dependencies: [
        "Calendar", "CommandLine", "Config", "Control", "Daemon", "Detection", "Evaluation",
        "Events", "Inputs", "Models", "Monitor", "Outputs", "Reports", "Series", "System",
      ],
      swiftSettings: strict
    ),

    // What `make bench` runs.
    .target(name: "MachineLimits", path: "Benchmarks/MachineLimits"),
    .target(name: "Measuring", path: "Benchmarks/Measuring", swiftSettings: strict),
    .executableTarget(
      name: "anomalyd-bench",
      dependencies: ["Detection", "Inputs", "Networks", "MachineLimits", "Measuring", "Series"],
      path: "Benchmarks/anomalyd-bench",
      swiftSettings: strict
    ),

    .target(
      name: "Support",
      dependencies: ["Series"],
      path: "Tests/Support",
      swiftSettings: strict
    ),
    tests("HouseTests", ["Series"]),
    tests("SeriesTests", ["Series"]),
    tests("CalendarTests", ["Calendar", "Series"]),
    tests("MeasuringTests", ["Measuring"]),
    tests("NetworksTests", ["AllocationCounter", "Networks", "CKernels"]),
    .target(
      name: "ControlSupport",
      dependencies: ["Control", "Detection", "Events", "Monitor", "Series", "Support"],
      path: "Tests/ControlSupport",
      swiftSettings: strict
    ),
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    // What `make gates` counts.
    .executableTarget(
      name: "anomalyd-gates",
      dependencies: [
        "AllocationCounter", "Detection", "Events", "Inputs", "Monitor", "Networks", "Series",
      ],
      path: "Tests/Gates/anomalyd-gates",
      swiftSettings: strict
    ),
    // What `make soak` runs.
    .executableTarget(
      name: "anomalyd-soak",
      dependencies: [
        "Config", "Control", "Daemon", "Detection", "Inputs", "Monitor", "Outputs", "Series",
        "System",
      ],
      path: "Tests/Soak/anomalyd-soak",
      swiftSettings: strict
    ),
    tests("DetectionTests", ["AllocationCounter", "Detection", "Events", "Networks", "Series"]),
    tests("ModelsTests", ["AllocationCounter", "Detection", "Models", "Networks", "Series"]),
    tests("EventsTests", ["Detection", "Events", "Series"]),
    tests(
      "EvaluationTests",
      ["Calendar", "Evaluation", "Detection", "Events", "Models", "Monitor", "Series"]),
    tests("CommandLineTests", ["CommandLine", "Series"]),
    tests("ReportsTests", ["CommandLine", "Reports", "Series"]),
    tests(
      "ConfigTests",
      [
        "Calendar", "Config", "Daemon", "Detection", "Events", "Inputs", "Monitor", "Outputs",
        "Series", "System",
      ]
    ),
    tests("InputsTests", ["Inputs", "Calendar", "Series", "System", "AllocationCounter"]),
    tests("OutboxTests", ["Outbox", "Series", "System"]),
    tests("SystemTests", ["Series", "System"]),
    tests("DeliveryTests", ["Delivery", "Formats", "Outbox", "Series", "System"]),
    tests("FormatsTests", ["Formats", "Series"]),
    tests(
      "OutputsTests",
      ["CommandLine", "Detection", "Events", "Outbox", "Outputs", "Series", "System"]),
    tests("StoreTests", ["Detection", "Events", "Monitor", "Series", "Store", "System"]),
    tests(
      "ControlTests",
      ["Control", "ControlSupport", "Detection", "Events", "Monitor", "Series", "System"]),
    tests(
      "AnomalyctlTests",
      [
        "Calendar", "anomalyctl", "CommandLine", "Control", "ControlSupport", "Detection", "Events",
        "Models", "Monitor", "Series", "System",
      ]),
    tests(
      "DaemonTests",
      [
        "AllocationCounter", "Calendar", "CommandLine", "Config", "Control", "Daemon", "Detection",
        "Evaluation", "Events", "Inputs", "Models", "Monitor", "Networks", "Outbox", "Outputs",
        "Series", "Store", "System",
      ]
    ),
    .testTarget(
      name: "FuzzTests",
      dependencies: fuzzed,
      path: "Tests/Fuzz",
      exclude: ["Corpus", "LibFuzzer.swift", "main.swift", "pack", "readers", "run"],
      swiftSettings: strict
    ),
  ],
  cLanguageStandard: .c17
)

// `make fuzz` builds with libFuzzer, which not every toolchain has. FuzzTests, which runs the same targets on
// what earlier runs found, has the same sources, and a source belongs to one target only.
if Context.environment["FUZZ"] != nil {
  package.targets.removeAll { $0.name == "FuzzTests" }
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
      dependencies: fuzzed,
      path: "Tests/Fuzz",
      exclude: ["Corpus", "CorpusTests.swift", "pack", "readers", "run"],
      swiftSettings: strict
    )
  )
}

// `make quick-test` builds the pure rooms and their tests alone. Each package has one test bundle, so
// that `swift test --filter` would build everything.
if Context.environment["PURE_ROOMS"] != nil {
  func needed(by name: String) -> Set<String> {
    let dependencies = package.targets.first { $0.name == name }?.dependencies ?? []
    return dependencies.reduce(into: [name]) { found, dependency in
      if case .byNameItem(let name, _) = dependency { found.formUnion(needed(by: name)) }
    }
  }
  let rooms = [
    "Series", "Calendar", "Networks", "Detection", "Models", "Events", "Monitor", "Evaluation",
  ]
  let names = rooms.reduce(into: Set<String>()) { $0.formUnion(needed(by: $1 + "Tests")) }
  package.products.removeAll()
  package.targets.removeAll { !names.contains($0.name) }
}
