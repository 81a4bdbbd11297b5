import CBenchReference
import Netif
import TraceFormat
import XenInterface
import XenRing

extension bench_event {
  /// A trace event as the C references take it. Kinds have the numbers of `replay.c`.
  init(_ event: TraceEvent) {
    self.init()
    time = event.time.nanoseconds
    queue = event.queue
    origin = event.origin.rawValue
    payload = UInt32(event.payloadLength)
    let (kind, fields) = Self.flat(event.body)
    self.kind = kind
    field = fields
  }

  private typealias Fields = (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)

  private static func flat(_ body: TraceEvent.Body) -> (UInt8, Fields) {
    switch body {
    case .slot(let ring, let index, let words):
      (ring.rawValue, (index.rawValue, words.w0, words.w1, words.w2, words.w3, 0))
    case .requestProducer(let ring, let index):
      (3, (UInt32(ring.rawValue), index.rawValue, 0, 0, 0, 0))
    case .responseProducer(let ring, let index):
      (4, (UInt32(ring.rawValue), index.rawValue, 0, 0, 0, 0))
    case .eventIndex(let ring, let side, let index):
      (5, (UInt32(ring.rawValue), UInt32(side.rawValue), index.rawValue, 0, 0, 0))
    case .notification(let ring, let side):
      (6, (UInt32(ring.rawValue), UInt32(side.rawValue), 0, 0, 0, 0))
    case .pollBegin(let ring, let budget):
      (7, (UInt32(ring.rawValue), budget, 0, 0, 0, 0))
    case .pollEnd(let ring, let consumer, let producer, let packets):
      (8, (UInt32(ring.rawValue), consumer.rawValue, producer.rawValue, packets, 0, 0))
    case .grantCopy(let range, let direction, let status):
      (9 + direction.rawValue, flat(range, UInt32(UInt16(bitPattern: status.rawValue))))
    case .grantMap(let grant, let readOnly, let handle, let status):
      (
        11,
        (
          grant.rawValue, readOnly ? 1 : 0, handle,
          UInt32(UInt16(bitPattern: status.rawValue)), 0, 0
        )
      )
    case .grantUnmap(let grant, let handle, let status):
      (12, (grant.rawValue, handle, UInt32(UInt16(bitPattern: status.rawValue)), 0, 0, 0))
    case .memory(let range): (13, flat(range, 0))
    case .release(let index): (14, (index.rawValue, 0, 0, 0, 0, 0))
    case .txResponse(let index, let request, let id, let status):
      (
        15,
        (
          index.rawValue, request.rawValue, UInt32(id),
          UInt32(UInt16(bitPattern: status.rawValue)), 0, 0
        )
      )
    case .rxResponse(let index, let word0, let word1):
      (16, (index.rawValue, word0, word1, 0, 0, 0))
    case .controlResponse(let index, let word0, let word1, let word2):
      (17, (index.rawValue, word0, word1, word2, 0, 0))
    case .delivered(let frame, let request):
      (18, (frame.length, frame.captured, request.rawValue, 0, 0, 0))
    case .taken(let frame): (19, (frame.length, frame.captured, 0, 0, 0, 0))
    case .dropped(let frame): (20, (frame.length, frame.captured, 0, 0, 0, 0))
    default: (21, (0, 0, 0, 0, 0, 0))
    }
  }

  private static func flat(_ range: TraceEvent.GrantOperand, _ status: UInt32) -> Fields {
    (range.grant.rawValue, UInt32(range.offset), UInt32(range.length), status, 0, 0)
  }
}
