import Netback
import Netif
import TraceFormat

extension LifePlayer {
  /// What a trace of this player says of itself before its first event.
  func header(tool: String) -> TraceHeader {
    TraceHeader(
      source: .fuzzer, clock: .simulated, profile: vif.profile, order: .completion,
      snapLength: UInt32(UInt16.max), tool: tool,
      vifs: world.device.map { [$0.snapshot()] } ?? [])
  }
}
