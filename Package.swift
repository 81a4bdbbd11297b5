// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target of ours: memory safety is checked, a warning is an error, imports are exact.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  // Functions that lend a span over storage they own say whose lifetime it has.
  .enableExperimentalFeature("Lifetimes"),
]

/// A target of the floors in Documentation/Architecture.md; it may depend on floors below only.
func floor(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func suite(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: strict)
}

let targets: [Target] = [
  // Floor 0: C libraries and shims.
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
  .systemLibrary(name: "CXen", pkgConfig: "xengnttab", providers: [.apt(["libxen-dev"])]),
  .target(name: "CLinux", linkerSettings: [.linkedLibrary("dl")]),
  .target(name: "CPcap", linkerSettings: [.linkedLibrary("dl")]),
  // Floor 0: guest words, and the names of Xen.
  floor("XenRing", []),
  floor("XenInterface", ["XenRing"]),
  // Loads an eBPF object with libbpf, which it finds at run time.
  .target(name: "CBpf"),
  // Floor 1: the protocol, pure.
  floor("Netif", ["XenRing", "XenInterface"]),
  // The rules once more, as a model that netbacks are held to.
  floor("Oracle", ["XenRing", "XenInterface", "Netif"]),
  // Floor 2: the file and the two worlds.
  floor("TraceFormat", ["XenRing", "XenInterface", "Netif", "CZlib"]),
  floor("SimulatedXen", ["XenRing", "XenInterface"]),
  floor("XenHost", ["XenRing", "XenInterface", "CXen", "CLinux"]),
  floor("PacketCapture", ["XenRing", "CPcap", "CLinux"]),
  // What both worlds must do, and the command that asks the real one.
  floor("WorldConformance", ["XenRing", "XenInterface"]),
  .executableTarget(
    name: "ringside-lab-tests",
    dependencies: [
      "WorldConformance", "BackendConformance", "XenHost", "XenInterface", "XenRing", "Netfront",
      "PacketCapture",
    ],
    swiftSettings: strict),
  floor("TraceFiles", ["XenRing", "TraceFormat", "CLinux"]),
  .target(
    name: "KernelTap", dependencies: ["XenRing", "XenInterface", "CBpf"], exclude: ["bpf"],
    swiftSettings: strict, plugins: ["CompileTap"]),
  // Compiles the eBPF program of KernelTap with the toolchain's clang, and embeds it.
  .plugin(name: "CompileTap", capability: .buildTool(), dependencies: ["tap-compiler"]),
  .executableTarget(name: "tap-compiler", path: "Plugins/tap-compiler"),
  // Floor 3: the two halves of the protocol.
  floor("Netback", ["XenRing", "XenInterface", "Netif", "TraceFormat"]),
  floor("Netfront", ["XenRing", "XenInterface", "Netif"]),
  // What every netback must do for our frontend, on either world.
  floor(
    "BackendConformance",
    ["XenRing", "XenInterface", "Netif", "WorldConformance", "Netback", "Netfront"]),
  // Floor 4: the tools as libraries.
  floor(
    "Recorder",
    [
      "XenRing", "XenInterface", "Netif", "TraceFormat", "TraceFiles", "SimulatedXen", "Netback",
      "Netfront", "KernelTap",
    ]),
  floor(
    "Replayer",
    [
      "XenRing", "XenInterface", "Netif", "TraceFormat", "SimulatedXen", "Netback", "Netfront",
      "RingCases",
    ]),
  // Traces as Wireshark reads them.
  floor("CaptureFormat", ["XenRing", "XenInterface", "Netif", "TraceFormat"]),
  // Traces as ui.perfetto.dev shows them.
  floor("PerfettoExport", ["XenRing", "XenInterface", "Netif", "TraceFormat", "Netback"]),
  floor("Redactor", ["XenRing", "XenInterface", "Netif", "TraceFormat", "Netback"]),
  floor(
    "Server",
    ["XenRing", "XenInterface", "XenHost", "Netif", "Netback", "PacketCapture"]),
  floor(
    "RingCases",
    ["XenRing", "XenInterface", "Netif", "Oracle", "Netback", "Netfront", "SimulatedXen", "CZlib"]),
  // Linux's netback and ours, on this host's Xen, as what cases are put to.
  floor(
    "HostCases",
    [
      "XenRing", "XenInterface", "XenHost", "Netif", "Netback", "Netfront", "RingCases",
      "PacketCapture", "CLinux",
    ]),
  floor(
    "Fuzzer",
    [
      "XenRing", "XenInterface", "Netif", "Oracle", "TraceFormat", "SimulatedXen", "Netback",
      "Netfront", "RingCases",
    ]),
  // Plays the stored cases against the kernel's netback and ours, on a real Xen.
  .executableTarget(
    name: "ringside-differential",
    dependencies: [
      "RingCases", "HostCases", "Fuzzer", "XenHost",
    ],
    swiftSettings: strict),
  // Floor 5: the command.
  .executableTarget(
    name: "ringside",
    dependencies: [
      "Recorder", "Replayer", "Redactor", "PerfettoExport", "Server", "KernelTap", "TraceFormat",
      "TraceFiles", "SimulatedXen",
      "XenHost", "PacketCapture", "Netback", "Netfront", "Netif", "XenInterface", "XenRing",
      "RingCases", "HostCases", "Fuzzer", "CaptureFormat", "CZlib",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    swiftSettings: strict),
  // Measurements beside C references; see Benchmarks/README.md.
  .target(
    name: "CBenchReference", path: "Benchmarks/CBenchReference",
    linkerSettings: [.linkedLibrary("z")]),
  .executableTarget(
    name: "ringside-bench",
    dependencies: [
      "CBenchReference", "CAllocationCount", "XenRing", "XenInterface", "Netif", "SimulatedXen",
      "XenHost", "Netback", "Netfront", "TraceFormat", "TraceFiles", "Replayer", "RingCases",
      "Fuzzer", "FaultyTwins",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ], path: "Benchmarks/ringside-bench", swiftSettings: strict),
  // The program of Documentation/Guides/EmbeddingTheNetback.md, which is a package of its own, too.
  .executableTarget(
    name: "embedded-netback",
    dependencies: [
      "XenRing", "XenInterface", "Netif", "SimulatedXen", "XenHost", "Netback", "Netfront",
    ],
    path: "Examples/EmbeddedNetback/Sources", swiftSettings: strict),
  // Tests.
  .target(
    name: "TestSupport",
    dependencies: ["XenRing", "XenInterface", "TraceFormat", "CAllocationCount"],
    path: "Tests/TestSupport", swiftSettings: strict),
  // Stands in front of glibc's allocator in the tests, and counts.
  .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
  // Netbacks with the faults of public advisories.
  .target(
    name: "FaultyTwins", dependencies: ["Fuzzer", "Netback", "XenInterface", "XenRing"],
    path: "Tests/FaultyTwins", swiftSettings: strict),
  // The C headers' own macros and numbers, to compare ours with.
  .target(name: "CRingReference", path: "Tests/CRingReference"),
  suite("SimulatedXenTests", ["SimulatedXen", "WorldConformance", "XenInterface", "XenRing"]),
  suite(
    "LayoutTests", ["XenRing", "XenInterface", "Netif", "PacketCapture", "CRingReference"]),
  suite("KernelTapTests", ["KernelTap", "XenRing", "XenInterface"]),
  suite("XenHostTests", ["XenHost", "XenInterface", "CXen"]),
  suite("XenRingTests", ["XenRing", "Netif", "CRingReference"]),
  suite("NetifTests", ["XenRing", "XenInterface", "Netif"]),
  suite(
    "DifferentialTests",
    ["XenInterface", "XenRing", "Netif", "Netfront", "SimulatedXen", "RingCases"]),
  suite(
    "FuzzerTests",
    [
      "XenRing", "XenInterface", "Netif", "Oracle", "TraceFormat", "Netback", "RingCases", "Fuzzer",
      "FaultyTwins", "Replayer", "SimulatedXen",
    ]),
  suite(
    "NetbackTests",
    ["XenRing", "XenInterface", "Netif", "SimulatedXen", "Netback", "Netfront"]),
  suite(
    "NetfrontTests",
    [
      "XenRing", "XenInterface", "Netif", "SimulatedXen", "Netback", "Netfront",
      "WorldConformance", "BackendConformance",
    ]),
  suite("PacketCaptureTests", ["PacketCapture", "XenRing"]),
  suite(
    "CommandTests",
    ["ringside", "embedded-netback", "TraceFormat", "Netif", "XenInterface", "XenRing"]),
  suite("TraceFilesTests", ["TraceFormat", "TraceFiles", "Netif", "XenInterface"]),
  suite(
    "RecorderTests",
    [
      "XenRing", "XenInterface", "Netif", "TraceFormat", "SimulatedXen", "Netback", "Netfront",
      "KernelTap", "Recorder",
    ]),
  suite(
    "ReplayerTests",
    [
      "XenRing", "XenInterface", "Netif", "TraceFormat", "SimulatedXen", "Netback", "Netfront",
      "Recorder",
      "Replayer", "RingCases",
    ]),
  suite(
    "CaptureFormatTests", ["XenRing", "XenInterface", "Netif", "TraceFormat", "CaptureFormat"]),
  suite(
    "PerfettoExportTests",
    [
      "XenRing", "XenInterface", "Netif", "TraceFormat", "SimulatedXen", "Netback", "Recorder",
      "PerfettoExport",
    ]),
  suite(
    "RedactorTests",
    [
      "XenRing", "XenInterface", "Netif", "TraceFormat", "SimulatedXen", "Netback", "Recorder",
      "Replayer", "Redactor",
    ]),
  suite(
    "ServerTests",
    [
      "XenRing", "XenInterface", "XenHost", "Netif", "SimulatedXen", "Netback", "Netfront",
      "PacketCapture", "Server",
    ]),
  suite("TraceFormatTests", ["XenRing", "XenInterface", "Netif", "TraceFormat"]),
]

/// The libFuzzer binary has no main of its own, so it builds only with --sanitize=fuzzer, and what
/// has one does not: with it stand only the targets it is made of. `RINGSIDE_FUZZ=twins` has it play the
/// faulty twins as well, to see how long it takes to find them.
let fuzz = Context.environment["RINGSIDE_FUZZ"]
let twins: [Target.Dependency] = fuzz == "twins" ? ["FaultyTwins"] : []
let fuzzed: [Target] =
  targets.filter { target in
    [
      "CZlib", "XenRing", "XenInterface", "Netif", "Oracle", "TraceFormat", "SimulatedXen",
      "Netback", "Netfront", "RingCases", "Fuzzer", "Replayer", "CaptureFormat", "PerfettoExport",
      "Redactor",
    ].contains(target.name) || (target.name == "FaultyTwins" && !twins.isEmpty)
  } + [
    .executableTarget(
      name: "ringside-fuzz",
      dependencies: [
        "XenRing", "XenInterface", "Netif", "Oracle", "TraceFormat", "SimulatedXen", "RingCases",
        "Fuzzer", "Replayer", "CaptureFormat", "PerfettoExport", "Redactor",
      ] + twins,
      swiftSettings: strict + (twins.isEmpty ? [] : [.define("TWINS")]))
  ]

/// What other packages may build on: the netback, its two worlds, and a guest for it.
let products: [Product] = [
  .library(name: "Netback", targets: ["Netback", "Netif", "XenInterface", "XenRing"]),
  .library(name: "Netfront", targets: ["Netfront"]),
  .library(name: "SimulatedXen", targets: ["SimulatedXen"]),
  .library(name: "XenHost", targets: ["XenHost"]),
]

/// What makes the documentation is two compiles more; `make docs` alone asks for it.
let documentation: [Package.Dependency] =
  Context.environment["RINGSIDE_DOCS"] == nil
  ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")]

let package = Package(
  name: "ringside",
  products: fuzz == nil ? products : [],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ] + documentation,
  targets: fuzz == nil ? targets : fuzzed,
  swiftLanguageModes: [.v6]
)
