// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "echo",
  // In a package of yours: the place that you have Ringside's sources in.
  dependencies: [.package(name: "ringside", path: "../..")],
  targets: [
    .executableTarget(
      name: "echo",
      dependencies: [
        .product(name: "Netback", package: "ringside"),
        .product(name: "Netfront", package: "ringside"),
        .product(name: "SimulatedXen", package: "ringside"),
        .product(name: "XenHost", package: "ringside"),
      ], path: "Sources")
  ]
)
