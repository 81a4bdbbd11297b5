import Netif
import XenRing

/// A packet while its slots are taken, with the checks of a Linux guest (`xennet_get_responses`).
struct RxAssembly {
  private var frame = ReceivedFrame(octets: [], offload: FrameOffload(), extras: [], slots: [])
  private var fault: RxFault?
  private var headroom: UInt16?

  /// Notes why the packet will be dropped; the first reason stays.
  mutating func fail(_ reason: RxFault) { fault = fault ?? reason }

  /// Takes an extra info.
  ///
  /// - Returns: whether another one follows.
  mutating func addExtra(_ words: SlotWords) -> Bool {
    do throws(TxViolation) {
      let slot = try ExtraInfoSlot(words: words)
      frame.extras.append(slot.info)
      apply(slot.info)
      return slot.hasMore
    } catch {
      fail(.invalidExtraType(UInt8(truncatingIfNeeded: words[0])))
      return words[0] >> 8 & 1 != 0
    }
  }

  private mutating func apply(_ info: ExtraInfo) {
    switch info {
    case .gso(let size, let type):
      if size == 0 { fail(.zeroSegmentSize) }
      if type != Segmentation.tcpv4 && type != Segmentation.tcpv6 {
        fail(.invalidSegmentationType(type))
      }
      frame.offload.segmentation = Segmentation(size: size, type: type)
    case .hash(let type, _, let value):
      frame.offload.hash = FlowHash(value: value, type: type)
    case .xdp(let octets):
      headroom = octets
    case .multicastAdd, .multicastDelete:
      break
    }
  }

  /// Takes a data slot and its octets out of `page`.
  mutating func addData(
    _ response: RxResponse, expected id: UInt16, page: Int, of pages: GuestPages
  ) {
    var response = response
    if frame.slots.isEmpty { applyFirst(&response) }
    frame.slots.append(response)
    guard response.id == id else {
      return fail(.wrongIdentifier(expected: id, found: response.id))
    }
    guard response.status.rawValue >= 0 else { return fail(.status(response.status)) }
    let (start, count) = (Int(response.offset), Int(response.status.rawValue))
    guard start + count <= RingLayout.pageSize else {
      return fail(.pageCrossing(offset: response.offset, count: count))
    }
    pages.append(page: page, start..<start + count, to: &frame.octets)
  }

  private mutating func applyFirst(_ response: inout RxResponse) {
    if response.flags.contains(.checksumBlank) {
      frame.offload.checksum = .partial
    } else if response.flags.contains(.dataValidated) {
      frame.offload.checksum = .verified
    }
    if let headroom { response.offset = headroom }
  }

  /// The packet, or why it is dropped.
  func finish() -> Result<ReceivedFrame, RxFault> {
    if let fault { return .failure(fault) }
    // A short first slot is copied out of its page, so one more page may follow.
    let copied = (frame.slots.first?.status.rawValue ?? 0) <= 256
    let limit = NetifLimits.slotsGuaranteed + (copied ? 1 : 0)
    guard frame.slots.count <= limit else { return .failure(.tooManySlots(frame.slots.count)) }
    return .success(frame)
  }
}
