internal import Netif
internal import XenRing

/// What travels beside a frame, in three words; the first says which of the others mean something.
struct FrameShape {
  /// Checksum state in bits 0 and 1, segmentation in 2, hash in 3, their types in 8-15 and 16-23.
  var word: UInt32
  var segmentSize: UInt16
  var hashValue: UInt32

  init(word: UInt32, segmentSize: UInt16 = 0, hashValue: UInt32 = 0) {
    self.word = word
    self.segmentSize = segmentSize
    self.hashValue = hashValue
  }

  init(_ offload: FrameOffload) {
    word = UInt32(offload.checksum.rawValue)
    segmentSize = 0
    hashValue = 0
    if let segmentation = offload.segmentation {
      word |= 4 | UInt32(segmentation.type) << 8
      segmentSize = segmentation.size
    }
    if let hash = offload.hash {
      word |= 8 | UInt32(hash.type) << 16
      hashValue = hash.value
    }
  }

  /// Whether the word is one that `init(_:)` makes.
  var isValid: Bool {
    word & 3 != 3 && word & ~0xff_ff0f == 0 && (word & 4 != 0 || word & 0xff00 == 0)
      && (word & 8 != 0 || word & 0xff_0000 == 0)
  }

  /// The same as a frame has it.
  @inline(__always) var offload: FrameOffload {
    FrameOffload(
      checksum: ChecksumState(rawValue: UInt8(word & 3)) ?? .unknown,
      segmentation: word & 4 == 0
        ? nil : Segmentation(size: segmentSize, type: UInt8(truncatingIfNeeded: word >> 8)),
      hash: word & 8 == 0
        ? nil : FlowHash(value: hashValue, type: UInt8(truncatingIfNeeded: word >> 16)))
  }
}

/// A frame as its fields have it.
struct FrameFields {
  var length: UInt32
  var captured: UInt32
  var shape: FrameShape

  /// Whether it is to be segmented.
  var hasSegments: Bool { shape.word & 4 != 0 }

  /// Extra infos that stand with it in the guest's ring.
  var extras: UInt32 { shape.word >> 2 & 1 &+ shape.word >> 3 & 1 }

  /// The same as an event has it.
  @inline(__always) var record: TraceEvent.FrameRecord {
    TraceEvent.FrameRecord(length: length, captured: captured, offload: shape.offload)
  }
}

extension TraceModel {
  /// Frames leave in the order of their first slots, as long as those say.
  @inline(__always) mutating func delivered<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ frame: TraceEvent.FrameRecord, request actual: UInt32
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.delivered)
    let request = try coder.code(6, actual, predicted: nextDelivered())
    self[.deliveredLast] = request
    let fields = try self.frame(
      &coder, frame, predictedLength: self[.txWord2, request] >> 16,
      predictedShape: shape(of: request))
    return .delivered(fields.record, request: RingIndex(rawValue: request))
  }

  @inline(__always) mutating func taken<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ frame: TraceEvent.FrameRecord
  ) throws(Corruption) -> FrameFields {
    let fields = try self.frame(
      &coder, frame, predictedLength: self[.takenLength],
      predictedShape: FrameShape(
        word: self[.takenShape], segmentSize: UInt16(truncatingIfNeeded: self[.takenSegment])))
    self[.takenLength] = fields.length
    self[.takenShape] = fields.shape.word
    self[.takenSegment] = fields.hasSegments ? UInt32(fields.shape.segmentSize) : 0
    return fields
  }

  /// Remembers a taken frame for the copies that bring it to the guest.
  mutating func queueTaken(_ frame: FrameFields) {
    let tail = self[.takenTail]
    self[.takenFrames, tail] = min(frame.length, 0xff_ffff) | frame.extras << 24
    self[.takenTail] = tail &+ 1
  }

  @inline(__always) private mutating func frame<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ actual: TraceEvent.FrameRecord, predictedLength: UInt32,
    predictedShape: FrameShape
  ) throws(Corruption) -> FrameFields {
    let shape = FrameShape(actual.offload)
    let length = try coder.code(0, actual.length, predicted: predictedLength)
    let limit = UInt32.max &- self[.frameLimitLess]
    let captured = try coder.code(1, actual.captured, predicted: min(length, limit))
    if captured < length {
      self[.frameLimitLess] = .max - captured
    } else if captured > limit {
      self[.frameLimitLess] = 0
    }
    let word = try coder.code(2, shape.word, predicted: predictedShape.word)
    guard FrameShape(word: word).isValid else { throw .value }
    let segment = word & 4 == 0 ? 0 : predictedShape.segmentSize
    let size = try coder.code(3, shape.segmentSize, predicted: segment)
    let hash = try coder.code(4, shape.hashValue, predicted: 0)
    self[.packets] &+= 1
    return FrameFields(
      length: length, captured: captured,
      shape: FrameShape(word: word, segmentSize: size, hashValue: hash))
  }

  private func nextDelivered() -> UInt32 {
    let end = self[.slotNext, 0]
    var slot = self[.deliveredLast] &+ 1
    for _ in 0..<32 {
      if slot == end || self[.txKind, slot] == TxSlotKind.first.rawValue { return slot }
      slot &+= 1
    }
    return slot
  }

  /// What a first slot's flags and the extra info behind it make of its frame.
  private func shape(of request: UInt32) -> FrameShape {
    let flags = self[.txWord1, request] >> 16
    let checksum: UInt32 = flags & 1 != 0 ? 1 : flags & 2 != 0 ? 2 : 0
    let info = self[.txWord0, request &+ 1]
    let hasSegments =
      flags & 8 != 0 && self[.txKind, request &+ 1] == TxSlotKind.extra.rawValue
      && info & 0xff == 1
    guard hasSegments else { return FrameShape(word: checksum) }
    return FrameShape(
      word: checksum | 4 | (self[.txWord1, request &+ 1] & 0xff) << 8,
      segmentSize: UInt16(truncatingIfNeeded: info >> 16))
  }
}
