import TraceFormat
import XenInterface
import XenRing

// What was read of a page, or written to it, whether by copies or through a mapping.

extension Judge {
  /// Octets of one page that operations reached, and how the worst of them ended.
  private struct Reach {
    var start: UInt32 = .max
    var end: UInt32 = 0
    var isMapped = false
    var failed = false
    var first: Turn.Entry?
    var operations: UInt64 = 0

    mutating func add(_ entry: Turn.Entry, _ operand: TraceEvent.GrantOperand?, ok: Bool) {
      first = first ?? entry
      operations += 1
      failed = failed || !ok
      guard let operand else { return isMapped = true }
      guard operand.length > 0 else { return }
      start = min(start, UInt32(operand.offset))
      end = max(end, UInt32(operand.offset) + UInt32(operand.length))
    }

    /// Whether a backend that copies all it needs reached what this one did.
    func agrees(with copied: Reach) -> Bool {
      guard failed == copied.failed else { return false }
      if isMapped { return copied.end >= end }
      return start == copied.start && end == copied.end
    }
  }

  /// Compares which octets of which page were reached: the octets of each slot must agree, not the
  /// operations that moved them.
  func compareCoverage(_ recorded: Turn, _ seen: Turn, _ queue: QueueReplay) {
    let ours = reaches(recorded)
    let theirs = reaches(seen)
    for (grant, reach) in ours {
      guard let entry = reach.first else { continue }
      if let copied = theirs[grant], reach.agrees(with: copied) {
        report.matched += reach.operations
      } else {
        note(.differs, entry.number, entry.event, theirs[grant]?.first?.event, queue)
      }
    }
    for (grant, reach) in theirs where ours[grant] == nil {
      let end = recorded.entries.last?.number ?? 0
      note(.unexpected, end, nil, reach.first?.event, queue)
    }
  }

  private func reaches(_ turn: Turn) -> [GrantReference: Reach] {
    var reaches: [GrantReference: Reach] = [:]
    for entry in turn.entries {
      switch entry.event.body {
      case .grantCopy(let operand, _, let status):
        reaches[operand.grant, default: Reach()].add(entry, operand, ok: status == .okay)
      case .grantMap(let grant, _, _, let status):
        reaches[grant, default: Reach()].add(entry, nil, ok: status == .okay)
      default: break
      }
    }
    return reaches
  }
}
