import Netback
import Netif
import XenInterface
import XenRing

/// A learning switch between vifs and, if there is one, the host.
///
/// An address is where it was last seen to send from. What is for a group, or for an address that was
/// not seen, goes everywhere else.
final class Switchboard {
  /// Addresses that are remembered; a guest that makes more up makes us forget them all.
  static let capacity = 4096

  private struct Connection {
    weak var port: (any SwitchedPort)?
  }

  private var connections: [Connection] = []
  private var seen: [UInt64: ObjectIdentifier] = [:]

  /// Connects a port as long as it lives.
  func connect(_ port: any SwitchedPort) {
    connections.removeAll { $0.port == nil }
    connections.append(Connection(port: port))
  }

  /// Forgets where a port's addresses are.
  func disconnect(_ port: any SwitchedPort) {
    connections.removeAll { $0.port == nil || $0.port === port }
    seen = seen.filter { $0.value != ObjectIdentifier(port) }
  }

  /// Hands frames to where they are to go.
  ///
  /// - Returns: how many the host did not take.
  func forward(
    _ batch: FrameBatch, from source: any SwitchedPort, now: MonotonicInstant
  ) -> UInt64 {
    let ports = connections.compactMap(\.port).filter { $0 !== source }
    for place in batch.frames.indices {
      let frame = batch.frames[place]
      guard frame.linearLength >= NetifLimits.ethernetHeader else { continue }
      let header = batch.linear(frame)
      learn(header.address(at: 6), source)
      let known = seen[header.address(at: 0)]
      for port in ports where known == nil || known == ObjectIdentifier(port) {
        port.send(frame)
      }
    }
    return ports.reduce(0) { $0 + $1.end(batch, now: now) }
  }

  private func learn(_ address: UInt64, _ source: any SwitchedPort) {
    // A group sends nothing.
    guard address >> 40 & 1 == 0 else { return }
    if seen[address] == nil, seen.count >= Self.capacity { seen.removeAll() }
    seen[address] = ObjectIdentifier(source)
  }
}

/// What is connected to a switchboard.
protocol SwitchedPort: AnyObject {
  /// Sends a frame away from the switch, when its batch ends.
  func send(_ frame: TxFrame)
  /// The batch is over; says how many of its frames the host did not take.
  func end(_ batch: FrameBatch, now: MonotonicInstant) -> UInt64
}

extension RawSpan {
  /// The Ethernet address at `place`.
  fileprivate func address(at place: Int) -> UInt64 {
    (0..<6).reduce(0) { $0 << 8 | UInt64(octet(at: place + $1)) }
  }
}
