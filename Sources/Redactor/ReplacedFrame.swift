import Netif
import XenRing

/// A frame, or what is known of its beginning, and the same with its parts replaced. The checksums are
/// still those of the original.
struct ReplacedFrame {
  let original: [UInt8]
  let layout: FrameLayout
  private(set) var octets: [UInt8]

  /// Replaces the parts of a frame, or of its beginning.
  ///
  /// - Parameter length: octets of the whole frame.
  init(_ original: [UInt8], length: Int, _ replacement: Replacement?) {
    self.init(original, FrameParser.layout(of: original, length: length), replacement)
  }

  /// Replaces octets of which it is not known where in a frame they stand.
  init(payload: [UInt8], _ replacement: Replacement?) {
    self.init(payload, FrameLayout(payload: payload.count), replacement)
  }

  private init(_ original: [UInt8], _ layout: FrameLayout, _ replacement: Replacement?) {
    self.original = original
    self.layout = layout
    octets = original
    guard let replacement else { return }
    for part in layout.parts { replace(part, replacement) }
  }

  private mutating func replace(_ part: FrameLayout.Part, _ replacement: Replacement) {
    let range = original.replaced(part)
    switch replacement {
    case .blank: for place in range { octets[place] = 0 }
    case .keyed(let scrambler): replace(part.kind, part.octets, scrambler)
    }
  }

  private mutating func replace(
    _ kind: FrameLayout.Kind, _ range: Range<Int>, _ scrambler: Scrambler
  ) {
    let addresses = scrambler.addresses
    switch kind {
    case .payload: scrambler.replace(payload: range, of: &octets)
    case .mac: octets.set(addresses.mac(octets.number(range)), range)
    case .ipv4:
      let address = UInt32(truncatingIfNeeded: octets.number(range))
      octets.set(UInt64(addresses.ipv4(address)), range)
    case .ipv6:
      let image = addresses.ipv6(octets.ipv6(range))
      octets.set(image.high, range.prefix(8))
      octets.set(image.low, range.suffix(8))
    }
  }

  /// The octets that were replaced, neighbouring parts as one range.
  var covered: [Range<Int>] {
    layout.parts.reduce(into: []) { ranges, part in
      let range = original.replaced(part)
      if range.isEmpty { return }
      if let last = ranges.indices.last, ranges[last].upperBound == range.lowerBound {
        ranges[last] = ranges[last].lowerBound..<range.upperBound
      } else {
        ranges.append(range)
      }
    }
  }

  /// Whether the other's frame goes on as this one does, apart from checksums: backends fill some in.
  func isBeginning(of other: ReplacedFrame) -> Bool {
    let beginning = Array(other.original.prefix(original.count))
    return withoutChecksums(original) == withoutChecksums(beginning)
  }

  private func withoutChecksums(_ octets: [UInt8]) -> [UInt8] {
    var octets = octets
    for sum in layout.checksums where sum.place + 2 <= octets.count {
      octets.set(0, sum.place..<(sum.place + 2))
    }
    return octets
  }
}

// MARK: - Checksums

extension ReplacedFrame {
  /// The same with checksums that fit: each changed by as much as what it covers, after RFC 1624. What was
  /// right stays right, what was wrong stays wrong. Where nothing stands for the parts, nothing stands for
  /// the checksums either.
  ///
  /// - Parameters:
  ///   - isPartial: whether the transport's is only that of the pseudo header.
  ///   - whole: as much as is known of the same frame, its checksums as they were; nil for this one.
  func finished(
    isPartial: Bool, _ replacement: Replacement?, whole: ReplacedFrame? = nil
  ) -> ReplacedFrame {
    guard let replacement else { return self }
    var frame = self
    for sum in layout.checksums {
      let range = sum.place..<(sum.place + 2)
      let old = UInt16(truncatingIfNeeded: original.number(range))
      switch replacement {
      case .blank: frame.octets.set(0, range)
      case .keyed: frame.octets.set(UInt64((whole ?? self).mended(old, sum, isPartial)), range)
      }
    }
    return frame
  }

  private func mended(_ old: UInt16, _ sum: FrameLayout.Checksum, _ isPartial: Bool) -> UInt16 {
    let addresses = change(of: sum.addresses)
    if isPartial, sum.isTransport {
      return old == 0 ? 0 : RawSpan.folded(UInt32(old) + UInt32(addresses))
    }
    guard old != 0 || !sum.isOptional else { return 0 }
    let covered = change(of: sum.covered)
    let new = ~RawSpan.folded(UInt32(~old) + UInt32(addresses) + UInt32(covered))
    return new == 0 && sum.isOptional ? .max : new
  }

  /// By how much the sum of some octets has changed, in ones' complement.
  private func change(of range: Range<Int>) -> UInt16 {
    // No packet is longer, but a file may say so.
    let range = range.clamped(to: 0..<min(octets.count, 1 << 17))
    let before = RawSpan.folded(original.span.octets.sum(range))
    let after = RawSpan.folded(octets.span.octets.sum(range))
    return RawSpan.folded(UInt32(after) + UInt32(~before))
  }
}

extension [UInt8] {
  func ipv6(_ range: Range<Int>) -> IPv6Number {
    IPv6Number(high: number(range.prefix(8)), low: number(range.suffix(8)))
  }

  /// The octets of a part that do not stay as they are.
  fileprivate func replaced(_ part: FrameLayout.Part) -> Range<Int> {
    let range = part.octets
    let nothing = range.lowerBound..<range.lowerBound
    switch part.kind {
    case .payload: return range
    case .mac: return MACNumber.isFixed(number(range)) ? nothing : range
    case .ipv4:
      return IPv4Number.isFixed(UInt32(truncatingIfNeeded: number(range))) ? nothing : range
    case .ipv6:
      let address = ipv6(range)
      return address.isFixed ? nothing : address.keepsHead ? range.dropFirst(2) : range
    }
  }
}
