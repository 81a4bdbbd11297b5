import Netfront
import Netif
public import WorldConformance
import XenInterface
import XenRing

/// What every netback must do for our frontend, ours on either world and the kernel's.
public struct BackendRows {
  /// Makes a backend for one row.
  public typealias Maker = (World) throws -> any BackendUnderTest
  private let make: Maker

  /// Puts the rows to the backends that `make` makes.
  public init(_ make: @escaping Maker) { self.make = make }

  /// All of them, in the order in which they run.
  public var all: [LabRow] {
    connections + refusals + sending + receiving + scarcity + control + hashing + staging + cutOffs
      + closings
  }

  /// A row with a backend of its own.
  func backend(
    _ name: String, _ body: @escaping (any BackendUnderTest, World) throws -> Void
  ) -> LabRow {
    LabRow(name) { world in
      let backend = try make(world)
      defer { backend.end() }
      try body(backend, world)
    }
  }

  /// A row with a vif that is connected at the start and gone at the end.
  func vif(
    _ name: String, _ options: NetfrontOptions = NetfrontOptions(),
    _ body: @escaping (TestedVif) throws -> Void
  ) -> LabRow {
    backend(name) { backend, world in
      try TestedVif.with(backend, world) { vif in
        try vif.connect(options)
        try body(vif)
      }
    }
  }

  /// Ways to connect that every backend must take.
  static let ways: [(String, NetfrontOptions)] = [
    ("one queue", NetfrontOptions()),
    ("one queue with one port", NetfrontOptions(splitEventChannels: false)),
    ("two queues", NetfrontOptions(queues: 2)),
    ("two queues with a port each", NetfrontOptions(queues: 2, splitEventChannels: false)),
    (
      "rings that wrap at once",
      NetfrontOptions(
        txStart: RingIndex(rawValue: .max - 2), rxStart: RingIndex(rawValue: .max - 2))
    ),
    (
      "two queues and a control ring, near the wrap",
      NetfrontOptions(
        queues: 2, controlRing: true, txStart: RingIndex(rawValue: 0xffff_fff0),
        rxStart: RingIndex(rawValue: 0xffff_fff0))
    ),
  ]
}
