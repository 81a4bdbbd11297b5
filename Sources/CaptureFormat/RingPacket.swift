import Netif
import TraceFormat
import XenInterface
import XenRing

/// An event as a packet of its own, as Documentation/Wireshark.md lays it out.
///
/// Slots and answers are there octet for octet as in the ring.
struct RingPacket {
  /// The layout's version.
  static let version: UInt8 = 1

  private(set) var octets: [UInt8] = []

  /// Lays out an event of `vif`, with its payload behind.
  init(_ told: ToldEvent, of vif: VifName?, payload: [UInt8] = []) {
    let event = told.event
    octets.reserveCapacity(64 + payload.count)
    octets.append(Self.version)
    octets.append(EventKind(of: event.body).rawValue)
    octets.append(event.origin.rawValue)
    octets.append(told.isExtra ? 1 : 0)
    octets.append(littleEndian: vif?.domain.rawValue ?? .max)
    octets.append(littleEndian: event.queue)
    octets.append(littleEndian: vif?.handle.rawValue ?? .max)
    octets.append(littleEndian: UInt32(0))
    octets.append(littleEndian: told.number)
    append(event.body)
    octets += payload
  }

  private mutating func append(_ body: TraceEvent.Body) {
    switch body {
    case .slot(let ring, let index, let words): append(ring, index, words)
    case .requestProducer(let ring, let index), .responseProducer(let ring, let index):
      append(ring)
      octets.append(littleEndian: index.rawValue)
    case .eventIndex(let ring, let side, let index):
      append(ring, side)
      octets.append(littleEndian: index.rawValue)
    case .notification(let ring, let side): append(ring, side)
    case .pollBegin(let ring, let budget):
      append(ring)
      octets.append(littleEndian: budget)
    case .pollEnd(let ring, let consumer, let producer, let packets):
      append(ring)
      for word in [consumer.rawValue, producer.rawValue, packets] {
        octets.append(littleEndian: word)
      }
    case .grantCopy, .grantMap, .grantUnmap, .memory: append(grantOperation: body)
    case .release(let index): octets.append(littleEndian: index.rawValue)
    case .txResponse, .rxResponse, .controlResponse: append(response: body)
    case .delivered(let frame, let request): append(frame, request)
    case .taken(let frame), .dropped(let frame): append(frame, RingIndex(rawValue: 0))
    default: append(vifEvent: body)
    }
  }

  private mutating func append(_ ring: TraceRing, _ side: TraceSide? = nil) {
    octets += [ring.rawValue, side?.rawValue ?? 0, 0, 0]
  }

  private mutating func append(
    _ ring: TraceRing, _ index: RingIndex, _ words: TraceEvent.Words
  ) {
    let count =
      switch ring {
      case .tx: TxRequest.wordCount
      case .rx: RxRequest.wordCount
      case .control: ControlRequest.wordCount
      }
    octets.append(littleEndian: index.rawValue)
    for word in [words.w0, words.w1, words.w2, words.w3].prefix(count) {
      octets.append(littleEndian: word)
    }
  }

  private mutating func append(grantOperation body: TraceEvent.Body) {
    switch body {
    case .grantCopy(let range, _, let status):
      append(range)
      octets.append(littleEndian: status.rawValue)
      octets.append(littleEndian: range.captured)
    case .grantMap(let grant, let readOnly, let handle, let status):
      octets.append(littleEndian: grant.rawValue)
      octets.append(littleEndian: handle)
      octets.append(littleEndian: status.rawValue)
      octets += [readOnly ? 1 : 0, 0]
    case .grantUnmap(let grant, let handle, let status):
      octets.append(littleEndian: grant.rawValue)
      octets.append(littleEndian: handle)
      octets.append(littleEndian: status.rawValue)
      octets += [0, 0]
    case .memory(let range): append(range)
    default: break
    }
  }

  private mutating func append(_ range: TraceEvent.GrantOperand) {
    octets.append(littleEndian: range.grant.rawValue)
    octets.append(littleEndian: range.offset)
    octets.append(littleEndian: range.length)
  }

  private mutating func append(response body: TraceEvent.Body) {
    switch body {
    case .txResponse(let index, let request, let id, let status):
      octets.append(littleEndian: index.rawValue)
      octets.append(littleEndian: request.rawValue)
      octets.append(littleEndian: id)
      octets.append(littleEndian: status.rawValue)
    case .rxResponse(let index, let word0, let word1):
      for word in [index.rawValue, word0, word1] { octets.append(littleEndian: word) }
    case .controlResponse(let index, let word0, let word1, let word2):
      for word in [index.rawValue, word0, word1, word2] { octets.append(littleEndian: word) }
    default: break
    }
  }

  private mutating func append(_ frame: TraceEvent.FrameRecord, _ request: RingIndex) {
    let (segmentation, hash) = (frame.offload.segmentation, frame.offload.hash)
    octets.append(littleEndian: request.rawValue)
    octets.append(littleEndian: frame.length)
    octets.append(littleEndian: hash?.value ?? 0)
    octets.append(littleEndian: segmentation?.size ?? 0)
    octets.append(segmentation?.type ?? 0)
    octets.append(frame.offload.checksum.rawValue)
    octets.append(hash?.type ?? 0)
    octets.append((segmentation == nil ? 0 : 1) | (hash == nil ? 0 : 2))
    octets += [0, 0]
  }

  private mutating func append(vifEvent body: TraceEvent.Body) {
    switch body {
    case .state(let state, let side): octets += [state.rawValue, side.rawValue, 0, 0]
    case .key(let side, _): octets += [side.rawValue, 0, 0, 0]
    case .connected(let queues):
      octets.append(littleEndian: queues)
      octets += [0, 0]
    case .disabled(let rule): octets += [rule, 0, 0, 0]
    case .gap(let lost): octets.append(littleEndian: lost)
    default: break
    }
  }
}
