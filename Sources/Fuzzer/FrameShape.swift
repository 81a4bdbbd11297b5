import Netif
import RingCases
import TraceFormat

/// What tells kinds of frames apart.
private struct FrameShape: Hashable {
  private var isGroup: Bool
  private var type: ArraySlice<UInt8>
  private var header: UInt8
  private var isFragment = false
  private var next: UInt8

  /// Looks at a frame's first octets; what is not there is zero.
  init(_ octets: [UInt8]) {
    let octets = octets.prefix(64) + [UInt8](repeating: 0, count: max(0, 64 - octets.count))
    isGroup = octets[0] & 1 == 1
    type = octets[12..<14]
    header = octets[14]
    switch Array(type) {
    case [0x08, 0x00]:
      isFragment = octets[20] & 0x3f != 0 || octets[21] != 0
      next = octets[23]
    case [0x86, 0xdd]: next = octets[20]
    default: (header, next) = (0, 0)
    }
  }
}

extension ScenarioFrame {
  /// Octets that tell kinds of frames apart.
  static let head = 64

  private static let heads = (0..<UInt8(ScenarioGrant.pages)).map { kind in
    Array(ScenarioFrame(UInt16(head), kind: kind).octets)
  }

  /// The frame that is most like one of a trace.
  init(like record: TraceEvent.FrameRecord, _ octets: [UInt8]) {
    let offload = record.offload
    self.init(
      UInt16(clamping: record.length), kind: Self.kind(of: octets),
      checksum: ScenarioChecksum(offload.checksum),
      segment: offload.segmentation?.size ?? 0, type: min(offload.segmentation?.type ?? 1, 2))
  }

  private static func kind(of octets: [UInt8]) -> UInt8 {
    let same = heads.firstIndex { $0.starts(with: octets) }
    let shape = FrameShape(octets)
    return UInt8(same ?? heads.firstIndex { FrameShape($0) == shape } ?? 0)
  }
}

extension ScenarioChecksum {
  fileprivate init(_ state: ChecksumState) {
    self =
      switch state {
      case .unknown: .unknown
      case .partial: .partial
      case .verified: .verified
      }
  }
}
