import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

@Suite struct `A frame for the guest` {
  @Test(arguments: [60, 1500, 4096, 4097, 30_000, 65_535])
  func `is received octet by octet`(count: Int) throws {
    let rig = try Rig()
    try rig.connect(NetfrontOptions(rxStart: RingIndex(rawValue: .max - 10)))
    let receiver = RxReceiver(try #require(rig.front.queues.first))
    receiver.refill()
    for _ in 0..<20 {
      rig.deliver(frame(count), FrameOffload(checksum: .verified))
      let packets = try rig.packets(receiver, count: 1)
      receiver.refill()
      let received = try #require(try packets.first?.get())
      #expect(packets.count == 1)
      #expect(received.octets == frame(count))
      #expect(received.offload.checksum == .verified)
      #expect(received.slots.count == (count + 4095) / 4096)
    }
  }

  @Test func `brings its segmentation and its checksum's state`() throws {
    let rig = try Rig()
    try rig.connect()
    let receiver = RxReceiver(try #require(rig.front.queues.first))
    receiver.refill()
    let offload = FrameOffload(
      checksum: .partial, segmentation: Segmentation(size: 1448, type: Segmentation.tcpv6))
    rig.deliver(frame(5000), offload)
    let received = try #require(try rig.packets(receiver, count: 1).first?.get())
    #expect(received.octets == frame(5000))
    #expect(received.offload == offload)
    #expect(received.extras == [.gso(size: 1448, type: Segmentation.tcpv6)])
  }
}

/// A backend that writes what it is told into the rings of a connected frontend.
private final class Liar {
  let front: Netfront
  let receiver: RxReceiver
  let sender: TxSender
  private let rig: Rig
  private var rx: BackRing<SharedPage, RxRequest, RxResponse>
  private var tx: BackRing<SharedPage, TxRequest, TxResponse>

  init() throws {
    rig = try Rig(hasBackend: false)
    front = rig.front
    let xen = rig.machine.connect(.control)
    try xen.store.write(rig.path.backend + "/feature-rx-copy", "1")
    try front.open()
    let queue = try #require(front.queues.first)
    receiver = RxReceiver(queue)
    sender = TxSender(queue)
    let rxPage = try xen.grants.map(queue.rx.grant, of: Rig.guest, access: .readWrite)
    let txPage = try xen.grants.map(queue.tx.grant, of: Rig.guest, access: .readWrite)
    rx = try BackRing(attaching: rxPage)
    tx = try BackRing(attaching: txPage)
    receiver.refill()
  }

  /// Answers the next RX requests with raw words.
  func answer(_ slots: [SlotWords]) {
    for slot in slots { rx.respond(RxResponse(words: slot)) }
    _ = rx.pushResponses()
  }

  func answerTx(_ responses: [TxResponse]) {
    for response in responses { tx.respond(response) }
    _ = tx.pushResponses()
  }
}

private func data(
  _ id: UInt16, _ status: Int16, _ flags: RxFlags = [], offset: UInt16 = 0
) -> SlotWords {
  RxResponse(id: id, offset: offset, flags: flags, status: NetifStatus(rawValue: status)).words
}

private func extra(_ info: ExtraInfo, hasMore: Bool = false) -> SlotWords {
  ExtraInfoSlot(info, hasMore: hasMore).words
}

private struct Lie: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let slots: [SlotWords]
  let fault: RxFault

  init(_ description: String, _ slots: [SlotWords], _ fault: RxFault) {
    testDescription = description
    self.slots = slots
    self.fault = fault
  }
}

private let lies: [Lie] = [
  Lie("a negative status", [data(0, -1)], .status(.error)),
  Lie("a raw grant status", [data(0, -3)], .status(NetifStatus(rawValue: -3))),
  Lie(
    "more than a page", [data(0, 4000, offset: 97)], .pageCrossing(offset: 97, count: 4000)),
  Lie("a missing slot", [data(0, 60, .moreData)], .missingSlot),
  Lie("a missing extra info", [data(0, 60, .extraInfo)], .missingExtra),
  Lie(
    "a missing second extra info",
    [data(0, 60, .extraInfo), extra(.gso(size: 1, type: 1), hasMore: true)], .missingExtra),
  Lie("extra type 0", [data(0, 60, .extraInfo), [0, 0, 0, 0]], .invalidExtraType(0)),
  Lie("extra type 6", [data(0, 60, .extraInfo), [6, 0, 0, 0]], .invalidExtraType(6)),
  Lie(
    "segment size 0", [data(0, 60, .extraInfo), extra(.gso(size: 0, type: 1))], .zeroSegmentSize),
  Lie(
    "an unknown segmentation", [data(0, 60, .extraInfo), extra(.gso(size: 9, type: 3))],
    .invalidSegmentationType(3)),
  Lie("another request's answer", [data(1, 60)], .wrongIdentifier(expected: 0, found: 1)),
  Lie(
    "20 slots", (0..<20).map { data($0, 10, $0 < 19 ? .moreData : []) }, .tooManySlots(20)),
  Lie(
    "19 slots with a long first one",
    (0..<19).map { data($0, $0 == 0 ? 257 : 10, $0 < 18 ? .moreData : []) }, .tooManySlots(19)),
]

@Suite struct `A backend that lies` {
  @Test(arguments: lies)
  private func `has one packet dropped, and the next one received`(lie: Lie) throws {
    let liar = try Liar()
    liar.answer(lie.slots)
    #expect(try liar.receiver.receive() == [.failure(lie.fault)])
    liar.answer([data(UInt16(lie.slots.count), 60)])
    #expect(try liar.receiver.receive().map { try $0.get().octets.count } == [60])
  }

  @Test func `may use 19 slots when the first is short`() throws {
    let liar = try Liar()
    liar.answer((0..<19).map { data($0, 256, $0 < 18 ? .moreData : []) })
    #expect(try liar.receiver.receive().map { try $0.get().octets.count } == [19 * 256])
  }

  @Test func `moves the data behind a headroom`() throws {
    let liar = try Liar()
    liar.answer([data(0, 60, .extraInfo), extra(.xdp(headroom: 256))])
    let received = try #require(try liar.receiver.receive().first?.get())
    #expect(received.extras == [.xdp(headroom: 256)])
    #expect(received.slots.map(\.offset) == [256])
  }

  @Test func `loses the device when it answers more than was offered`() throws {
    let liar = try Liar()
    liar.answer((0..<65).map { data($0, 60) })
    #expect(throws: BackendFault.tooManyResponses(claimed: 65, outstanding: 64)) {
      _ = try liar.receiver.receive()
    }
  }

  @Test func `loses the device when it answers more than was sent`() throws {
    let liar = try Liar()
    liar.answerTx([TxResponse(id: 0, status: .okay)])
    #expect(throws: BackendFault.tooManyResponses(claimed: 1, outstanding: 0)) {
      _ = try liar.sender.collect()
    }
  }

  @Test func `loses the device when it answers one request twice`() throws {
    let liar = try Liar()
    for _ in 0..<2 { _ = try liar.sender.send(frame(60).span.octets) }
    liar.front.queues[0].tx.publish()
    liar.answerTx([TxResponse(id: 0, status: .okay), TxResponse(id: 0, status: .okay)])
    #expect(throws: BackendFault.unknownIdentifier(0)) { _ = try liar.sender.collect() }
  }
}
