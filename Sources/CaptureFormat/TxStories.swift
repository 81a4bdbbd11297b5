import Netif
import TraceFormat
import XenInterface
import XenRing

/// The packets that a guest sends on one queue, and which events are theirs.
struct TxStories {
  /// A slot that has no answer yet.
  private struct Slot {
    var index: RingIndex
    var request: TxRequest
    var packet: UInt64
    var isExtra: Bool
    /// Whether there was an event of it.
    var isTold = false
    /// Octets of it that copies have brought.
    var copied = 0
  }

  private struct Packet {
    var story: PacketStory
    var head: RingIndex
    /// Octets in slots behind the first.
    var further = 0
  }

  private static let capacity = NetifLimits.ringSize
  /// Mappings that are remembered at most.
  private static let mostMappings = 4096

  private var walker = TxSlotWalker()
  private var slots: [Slot?] = Array(repeating: nil, count: Int(capacity))
  private var newest = RingIndex(rawValue: 0)
  private var packets: [UInt64: Packet] = [:]
  private var heads: [RingIndex: UInt64] = [:]
  private var mappings: [UInt32: UInt64] = [:]
  /// The packet that the last slot is of.
  private var last: UInt64 = 0

  /// Starts with the slots that wait when the trace begins.
  init(_ slots: [QueueSnapshot.Slot] = []) {
    for slot in slots { place(slot.words, at: slot.index) }
  }

  // MARK: - Slots

  /// Takes a slot. One that a snapshot had too is told now.
  mutating func take(
    _ words: TraceEvent.Words, at index: RingIndex, _ told: ToldEvent, _ place: UInt64,
    _ line: inout CaptureLine
  ) {
    var told = told
    if self[index] == nil {
      if let stale = slots[Self.entry(index)] { settle(stale.packet, &line) }
      self.place(words, at: index)
    }
    guard let slot = self[index] else { return }
    told.isExtra = slot.isExtra
    if told.isExtra { line.markExtra(place) }
    guard !slot.isTold else { return }
    slots[Self.entry(index)]?.isTold = true
    tell(told, of: slot.packet, place, &line)
  }

  /// The first slot of a packet is where its story is told, unless there comes to be a frame.
  private mutating func tell(
    _ told: ToldEvent, of packet: UInt64, _ place: UInt64, _ line: inout CaptureLine
  ) {
    guard let story = packets[packet]?.story else { return }
    packets[packet]?.story.append(told)
    guard story.events.isEmpty, story.frame == nil else { return }
    packets[packet]?.story.place = place
    line.hold(place)
  }

  private mutating func place(_ words: TraceEvent.Words, at index: RingIndex) {
    let words: SlotWords = [words.w0, words.w1, words.w2, 0]
    let kind = walker.take(words)
    let request = TxRequest(words: words)
    if kind == .head {
      last += 1
      heads[index] = last
      packets[last] = Packet(story: PacketStory(.noFrame), head: index)
    } else if kind == .data {
      packets[last]?.further += Int(request.size)
    }
    packets[last]?.story.countSlot()
    newest = index
    slots[Self.entry(index)] = Slot(
      index: index, request: request, packet: last, isExtra: kind == .extra)
  }

  private static func entry(_ index: RingIndex) -> Int { Int(index.rawValue % capacity) }

  private subscript(index: RingIndex) -> Slot? {
    get { slots[Self.entry(index)].flatMap { $0.index == index ? $0 : nil } }
  }

  // MARK: - What becomes of them

  /// Takes a grant copy out of the guest.
  mutating func take(copy range: TraceEvent.GrantOperand, _ told: ToldEvent) {
    guard let entry = entry(ofCopy: range) ?? entry(of: range.grant, at: range.offset) else {
      return
    }
    slots[entry]?.copied += Int(range.length)
    append(told, to: slots[entry]?.packet)
  }

  /// Takes a grant that was mapped.
  mutating func take(map grant: GrantReference, handle: UInt32, _ told: ToldEvent) {
    guard let packet = entry(of: grant, at: nil).flatMap({ slots[$0]?.packet }) else { return }
    append(told, to: packet)
    if mappings.count >= Self.mostMappings { mappings.removeAll() }
    mappings[handle] = packet
  }

  /// Takes the end of a mapping.
  mutating func take(unmap handle: UInt32, _ told: ToldEvent) {
    append(told, to: mappings.removeValue(forKey: handle))
  }

  /// Takes what is told of the request with an index.
  mutating func take(release index: RingIndex, _ told: ToldEvent) {
    append(told, to: self[index]?.packet)
  }

  /// Takes the answer to a slot.
  mutating func take(answer index: RingIndex, _ told: ToldEvent, _ line: inout CaptureLine) {
    guard let slot = self[index] else { return }
    slots[Self.entry(index)] = nil
    append(told, to: slot.packet)
    if packets[slot.packet]?.story.frame != nil { settleIfAnswered(slot.packet, &line) }
  }

  /// Takes the frame that went to the network. From now on all is told there.
  mutating func take(
    frame told: ToldEvent, of request: RingIndex, _ place: UInt64, _ line: inout CaptureLine
  ) {
    guard let number = heads[request], packets[number]?.story.frame == nil else { return }
    line.release(packets[number]?.story.place)
    line.hold(place)
    packets[number]?.story.place = place
    packets[number]?.story.frame = told
    packets[number]?.story.outcome = .delivered
    settleIfAnswered(number, &line)
  }

  private mutating func append(_ told: ToldEvent, to packet: UInt64?) {
    if let packet { packets[packet]?.story.append(told) }
  }

  /// The slot whose next octets a copy brings.
  private func entry(ofCopy range: TraceEvent.GrantOperand) -> Int? {
    firstEntry { slot, packet in
      let isHead = slot.index == packet.head
      let size = Int(slot.request.size) - (isHead ? packet.further : 0)
      return slot.request.grant == range.grant && slot.copied < size
        && Int(slot.request.offset) + slot.copied == Int(range.offset)
    }
  }

  /// The first slot that names a page, and whose octets go over a place in it.
  private func entry(of grant: GrantReference, at offset: UInt16?) -> Int? {
    firstEntry { slot, _ in
      let start = Int(slot.request.offset)
      return slot.request.grant == grant
        && (offset.map { start...(start + Int(slot.request.size)) ~= Int($0) } ?? true)
    }
  }

  /// The oldest slot of which something is so.
  private func firstEntry(where isIt: (Slot, Packet) -> Bool) -> Int? {
    for step in 1...Self.capacity {
      let entry = Self.entry(newest.advanced(by: step))
      if let slot = slots[entry], !slot.isExtra, let packet = packets[slot.packet],
        isIt(slot, packet)
      {
        return entry
      }
    }
    return nil
  }

  // MARK: - Ends

  /// A poll is over: what is answered by now and has no frame will have none.
  mutating func endPoll(_ line: inout CaptureLine) {
    for number in packets.keys { settleIfAnswered(number, &line) }
  }

  /// The guest was cut off, for what its last packet did.
  mutating func cutOff(rule: UInt8, _ line: inout CaptureLine) {
    if packets[last]?.story.frame == nil {
      packets[last]?.story.outcome = .cutOff(rule: rule)
    }
    settleAll(&line)
  }

  /// Tells what is known of each.
  mutating func settleAll(_ line: inout CaptureLine) {
    for number in packets.keys { settle(number, &line) }
  }

  private mutating func settleIfAnswered(_ number: UInt64, _ line: inout CaptureLine) {
    let isWhole = number != last || walker.isAtHead
    if isWhole, packets[number]?.story.isAnswered == true { settle(number, &line) }
  }

  private mutating func settle(_ number: UInt64, _ line: inout CaptureLine) {
    guard let packet = packets.removeValue(forKey: number) else { return }
    if heads[packet.head] == number { heads[packet.head] = nil }
    line.tell(packet.story)
  }
}
