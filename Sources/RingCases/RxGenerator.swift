import Netif
import XenInterface
import XenRing

/// Makes sequences of requests and frames.
public struct RxGenerator: CaseGenerating, Drawing {
  /// See `CaseGenerating`.
  public static let storedSeed: UInt64 = 0x7278_7269_6e67
  /// See `CaseGenerating`.
  public static let storedCount = 240
  /// Requests that a ring holds, and pages that there are.
  private static let most = 255

  var random: SeededGenerator

  /// See `CaseGenerating`.
  public init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// See `CaseGenerating`.
  public mutating func cases(_ count: Int) -> [RxCase] {
    (0..<count).map { sequence("random/\($0)") }
  }

  /// Frames in several goes. Requests come ahead of them, behind them, or for a part of them.
  private mutating func sequence(_ name: String) -> RxCase {
    let badOnes = chance(1, of: 3)
    var steps: [RxStep] = []
    var (offered, owed) = (0, 0)
    for _ in 0..<pick(1...4) {
      // So few that a failure shows: Linux copies 64 parts at a time.
      let frames = (0..<pick(1...(badOnes ? 2 : 6))).map { _ in frame(badOnes ? 16_000 : 65_531) }
      let needed = frames.map(NamedRxCases.need).reduce(0, +)
      guard owed + needed <= Self.most else { break }
      owed += needed
      let ahead = min(max(0, owed - offered + pick(-3...3)), Self.most - offered)
      steps.append(post(ahead, from: offered, badOnes: badOnes))
      steps.append(.send(frames))
      offered += ahead
    }
    if offered < owed, chance(3, of: 4) {
      steps.append(post(owed - offered, from: offered, badOnes: false))
    }
    var asked = RxCase(name, steps)
    asked.start = chance(1, of: 4) ? RingIndex(rawValue: pick(0xffff_ff00...0xffff_ffff)) : nil
    return asked
  }

  private mutating func post(_ count: Int, from first: Int, badOnes: Bool) -> RxStep {
    let slots = (first..<first + count).map { place in
      let bad = badOnes && chance(1, of: 4)
      return RxSlot(
        bad ? pick(from: [.unknown, .revoked]) : .page(UInt8(place)), id: pick(0...(.max)),
        pad: chance(1, of: 4) ? pick(0...(.max)) : 0)
    }
    return .post(slots, beyond: 0, queue: 0)
  }

  private mutating func frame(_ most: Int) -> CaseFrame {
    let length =
      switch pick(0...3) {
      case 0: pick(14...200)
      case 1: pick(from: [14, 60, 1514, 4095, 4096, 4097, 8192, 8193, 12_288, 12_289])
      default: pick(14...most)
      }
    let isIPv6 = chance(1, of: 2)
    switch pick(0...5) {
    case 0 where length > 1600:
      return .uncut(length, segment: pick(from: [536, 1448]), isIPv6: isIPv6)
    case 1 where length >= 74: return .unfinished(length, kind: pick(0...3))
    default:
      return CaseFrame(
        length, kind: pick(0...FrameTemplate.all.count - 1), number: pick(0...100))
    }
  }
}
