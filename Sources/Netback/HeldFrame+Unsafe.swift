public import Netif
import XenInterface
public import XenRing

/// A frame that somebody keeps beyond the call that delivered it, with the guest's pages behind its
/// first octets. Its slots are answered when it ends, on whatever thread that is.
///
/// Who wants to keep it long makes it their own (`gather`) and lets it end: a guest has 256 slots.
public struct HeldFrame: ~Copyable, Sendable {
  /// What travels beside the octets.
  public let offload: FrameOffload
  /// Index of the packet's first slot.
  public let head: RingIndex
  /// Octets in all.
  public let length: Int
  private let content: Content
  private let mailbox: ReleaseMailbox

  init(_ frame: TxFrame, linear: RawSpan, _ fragments: Span<FrameFragment>, _ box: ReleaseMailbox) {
    head = frame.head
    offload = frame.offload
    length = Int(frame.length)
    content = Content(linear, fragments)
    mailbox = box
  }

  deinit {
    // The pages first: they are to be unmapped by the worker, before it answers.
    content.pages = nil
    // Full it cannot be: it has room for all that a queue lets be held.
    _ = mailbox.post(head)
  }

  /// Makes `room` hold the frame's octets and nothing else.
  public borrowing func gather(in room: inout [UInt8]) { content.gather(in: &room) }
}

extension HeldFrame {
  // SAFETY: one frame refers to it, which is on one thread at a time. The pages are mapped already,
  // and reading them touches no state of the grant device.
  private final class Content: @unchecked Sendable {
    let linear: [UInt8]
    var pages: (any MappedPages)?
    let maps: [GrantMap]
    let places: [Int]

    init(_ linear: RawSpan, _ fragments: Span<FrameFragment>) {
      self.linear = linear.array
      pages = fragments.isEmpty ? nil : fragments[0].mapping.touch()
      maps = fragments.indices.map { fragments[$0].map }
      places = fragments.indices.map { fragments[$0].page }
    }

    func gather(in room: inout [UInt8]) {
      room.removeAll(keepingCapacity: true)
      room.append(contentsOf: linear)
      guard let pages else { return }
      for (map, place) in zip(maps, places) {
        room.append(page: place, of: pages, at: Int(map.offset), count: Int(map.length))
      }
    }
  }
}
