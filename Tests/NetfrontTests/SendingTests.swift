import BackendConformance
import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

private struct Sending {
  let rig: Rig
  let queue: FrontQueue
  let sender: TxSender

  init(_ options: NetfrontOptions = NetfrontOptions()) throws {
    rig = try Rig()
    try rig.connect(options)
    queue = try #require(rig.front.queues.last)
    sender = TxSender(queue)
  }

  /// Sends one packet and waits for the answers to all its slots.
  func send(
    _ octets: [UInt8], offload: FrameOffload = FrameOffload(), shape: TxShape = TxShape()
  ) throws -> [TxResponse] {
    let packet = try sender.send(octets.span.octets, offload: offload, shape: shape)
    queue.tx.publish()
    return try rig.answers(sender, count: packet.identifiers.count + packet.extras)
  }
}

@Suite struct `A frame that is sent` {
  @Test(arguments: [14, 60, 128, 129, 4096, 4097, 9000, 65_535])
  func `arrives octet by octet, whatever its length`(count: Int) throws {
    let sending = try Sending()
    let answers = try sending.send(frame(count))
    #expect(answers.allSatisfy { $0.status == .okay })
    #expect(answers.count == TxShape().slots(for: count))
    #expect(sending.rig.log.entries.map(\.octets) == [frame(count)])
    #expect(sending.sender.outstanding == 0)
    #expect(sending.queue.txPages.available == sending.queue.txPages.count)
  }

  @Test(arguments: [0, 1, 2000, 4000, 4082], [4096, 1000, 100])
  func `arrives from any place in any pieces`(offset: Int, piece: Int) throws {
    let shape = TxShape(offset: offset, piece: piece)
    let sending = try Sending()
    _ = try sending.send(frame(1500), shape: shape)
    #expect(sending.rig.log.entries.map(\.octets) == [frame(1500)])
  }

  @Test(arguments: [0xffff_fff0, 0xffff_ff00, UInt32.max, 0x7fff_ffff])
  func `passes where the ring's indices wrap`(start: UInt32) throws {
    let start = RingIndex(rawValue: start)
    let sending = try Sending(NetfrontOptions(queues: 2, txStart: start, rxStart: start))
    for count in 0..<300 { _ = try sending.send(frame(60 + count)) }
    #expect(sending.queue.tx.requestProducer == start.advanced(by: 300))
    #expect(sending.rig.log.entries.map(\.octets) == (0..<300).map { frame(60 + $0) })
    #expect(sending.rig.log.entries.allSatisfy { $0.queue == 1 })
  }

  @Test func `brings what travels beside it`() throws {
    let sending = try Sending()
    var octets = frame(200)
    octets.replaceSubrange(12..<14, with: [0x08, 0x00])
    octets.replaceSubrange(
      14..<34,
      with: [0x45] + Array(repeating: 0, count: 8) + [6]
        + Array(repeating: 0, count: 10))
    let offload = FrameOffload(
      checksum: .partial, segmentation: Segmentation(size: 100, type: Segmentation.tcpv4))
    let answers = try sending.send(octets, offload: offload)
    #expect(answers.map(\.status) == [.okay, .null])
    #expect(sending.rig.log.entries.map(\.offload.segmentation) == [offload.segmentation])
    #expect(sending.rig.log.entries.map(\.offload.checksum) == [.partial])
  }

  @Test func `is answered with an error when it is too short`() throws {
    let sending = try Sending()
    #expect(try sending.send(frame(10)).map(\.status) == [.error])
    #expect(try sending.send(frame(14)).map(\.status) == [.okay])
  }

  @Test func `is not put into the ring when it does not fit`() throws {
    let sending = try Sending(NetfrontOptions(txPages: 18))
    let tooLong = [UInt8](repeating: 0, count: 65_536)
    #expect(throws: SendError.badLength(65_536)) {
      _ = try sending.sender.send(tooLong.span.octets)
    }
    #expect(throws: SendError.badLength(0)) {
      _ = try sending.sender.send([UInt8]().span.octets)
    }
    #expect(throws: SendError.tooManySlots(19)) {
      _ = try sending.sender.send(frame(190).span.octets, shape: TxShape(piece: 10))
    }
    _ = try sending.sender.send(frame(60).span.octets)
    #expect(throws: SendError.full) {
      _ = try sending.sender.send(frame(180).span.octets, shape: TxShape(piece: 10))
    }
    #expect(sending.queue.tx.requestProducer == RingIndex(rawValue: 1))
  }
}

@Suite struct `A guest that lies` {
  @Test func `is cut off for a slot that crosses its page, and hears nothing`() throws {
    let sending = try Sending()
    let page = try #require(sending.queue.txPages.take())
    sending.queue.tx.put(
      TxRequest(
        grant: sending.queue.txPages.grant(of: page), offset: 4090, flags: [], id: 7, size: 100))
    sending.queue.tx.publish()
    #expect(try sending.rig.answers(sending.sender, count: 1).isEmpty)
    #expect(
      sending.rig.device?.vif.context.violation == .pageCrossing(offset: 4090, size: 100))
  }

  @Test func `can publish any producer and write any slot`() throws {
    let sending = try Sending()
    let producer = RingIndex(rawValue: 5000)
    sending.queue.tx.write([1, 2, 3, 0], at: RingIndex(rawValue: 9))
    #expect(sending.queue.tx.read(at: RingIndex(rawValue: 9 + 256))[2] == 3)
    sending.queue.tx.publish(claiming: producer, .always)
    _ = try? sending.rig.answers(sending.sender, count: 1)
    #expect(sending.rig.device?.vif.context.isDisabled == true)
    #expect(sending.queue.tx.requestProducer == RingIndex(rawValue: 0))
  }

  @Test func `is told of answers only when it asks`() throws {
    let sending = try Sending()
    #expect(!sending.queue.tx.publish(.never))
    #expect(sending.queue.tx.publish(.always))
    #expect(!sending.queue.tx.publish(.byHoldOff))
  }
}
