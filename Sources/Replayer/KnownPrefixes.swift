import TraceFormat
import XenInterface
import XenRing

/// How many octets at the start of each frame of a turn the trace gave to the guest's pages: no more of
/// the frame can be compared. Reused from turn to turn.
struct KnownPrefixes {
  private struct Prefix {
    var octets = 0
    /// Whether all octets so far are known.
    var isWhole = true
  }

  /// By the places of the packets' first slots.
  private var prefixes: [Int: Prefix] = [:]

  /// Takes another turn of the replay.
  ///
  /// What is copied of a poll's frames comes first, a packet's first slot ahead of its others; then what
  /// is mapped.
  ///
  /// - Parameter slots: of the queue's TX ring.
  mutating func fill(_ seen: TurnView, _ slots: GuestSlots) {
    prefixes.removeAll(keepingCapacity: true)
    var (head, isBehindMaps) = (-1, false)
    for number in seen.entries.indices {
      let entry = seen.entries[number]
      switch entry.event.body {
      case .grantMap: isBehindMaps = true
      case .grantCopy(let operand, .fromGuest, _):
        guard let place = entry.place else { continue }
        if slots.isHead(at: place) { head = place }
        add(slots.knownOctets(of: operand, at: place), of: operand, to: head)
      case .memory(let operand) where isBehindMaps:
        guard let place = entry.place else { continue }
        add(slots.knownOctets(of: operand, at: place), of: operand, to: slots.head(of: place))
      default: break
      }
    }
  }

  /// The octets of the frame whose packet begins there.
  func octets(of head: RingIndex) -> Int { prefixes[GuestSlots.place(of: head)]?.octets ?? 0 }

  private mutating func add(_ known: Int, of operand: TraceEvent.GrantOperand, to head: Int) {
    var prefix = prefixes[head] ?? Prefix()
    guard prefix.isWhole else { return }
    prefix.octets += known
    prefix.isWhole = known == Int(operand.length)
    prefixes[head] = prefix
  }
}
