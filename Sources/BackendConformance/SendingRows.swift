import Netfront
import Netif
import WorldConformance
import XenInterface
import XenRing

extension BackendRows {
  var sending: [LabRow] { frames + ringUse + hostileUse }

  private var frames: [LabRow] {
    [
      vif("a frame arrives octet by octet, in any pieces") { vif in
        let shapes = [TxShape(), TxShape(offset: 4000), TxShape(offset: 100, piece: 90)]
        for shape in shapes {
          let answers = try vif.send(TestFrame.plain(1400), shape: shape)
          try expect(answers.count, is: vif.slots(for: 1400, shape), "answers")
          try expect(answers.allSatisfy { $0.status == .okay }, "an answer is not okay")
          try expect(vif.delivered(), is: TestFrame.plain(1400))
        }
      },
      vif("a frame that is too short is answered with an error") { vif in
        try expect(vif.send(TestFrame.plain(10)).map(\.status), is: [.error])
        try expect(vif.send(TestFrame.plain(14)).map(\.status), is: [.okay])
      },
      vif("a long segment arrives whole, and its extra info is answered with NULL") { vif in
        let offload = FrameOffload(
          checksum: .partial, segmentation: Segmentation(size: 1448, type: Segmentation.tcpv4))
        let answers = try vif.send(TestFrame.tcp(9000), offload: offload)
        let further = [NetifStatus](repeating: .okay, count: vif.slots(for: 9000) - 1)
        try expect(answers.map(\.status), is: [.okay, .null] + further, "statuses")
        try expect(vif.delivered(), is: TestFrame.tcp(9000))
      },
      vif("a slot of raw words is the slot that they say") { vif in
        let queue = vif.front.queues[0]
        let frame = TestFrame.plain(300)
        queue.txPages.setOctets(frame.span.octets, page: 5, at: 40)
        queue.tx.put(words: [queue.txPages.grant(of: 5).rawValue, 40, 300 << 16 | 77, 0])
        queue.tx.publish()
        try expect(vif.rawAnswer(), is: TxResponse(id: 77, status: .okay))
        try expect(vif.delivered(), is: frame)
      },
      vif("a page that is not granted is answered with an error") { vif in
        vif.front.queues[0].tx.put(
          TxRequest(
            grant: GrantReference(rawValue: 30_000), offset: 0, flags: [], id: 9, size: 60))
        vif.front.queues[0].tx.publish()
        try expect(vif.rawAnswer(), is: TxResponse(id: 9, status: .error))
        try expect(vif.send(TestFrame.plain(60)).map(\.status), is: [.okay])
      },
    ]
  }

  private var ringUse: [LabRow] {
    [
      vif("every request of a burst is answered once") { vif in
        for _ in 0..<4 {
          var sent: [UInt16] = []
          for _ in 0..<60 {
            sent += try vif.senders[0].send(TestFrame.plain(60).span.octets).identifiers
          }
          vif.front.queues[0].tx.publish()
          let answers = try vif.answers(sent.count)
          try expect(answers.map(\.id).sorted(), is: sent.sorted(), "identifiers")
          try expect(answers.allSatisfy { $0.status == .okay }, "an answer is not okay")
          for _ in sent { try expect(vif.delivered(), is: TestFrame.plain(60)) }
        }
      },
      vif("what was published without an event is answered after the next one") { vif in
        let tx = vif.front.queues[0].tx
        for _ in 0..<3 {
          _ = try vif.senders[0].send(TestFrame.plain(60).span.octets)
          try expect(!tx.publish(.never), "an event was sent")
        }
        tx.notify()
        try expect(vif.answers(3).map(\.status), is: [.okay, .okay, .okay])
      },
      vif("a backend that sleeps asks for an event, and for no second one") { vif in
        for _ in 0..<20 {
          let tx = vif.front.queues[0].tx
          _ = try vif.senders[0].send(TestFrame.plain(60).span.octets)
          try expect(tx.publish(), "the backend wants no event though it sleeps")
          try expect(vif.answers(1).map(\.status), is: [.okay])
          let wanted = tx.requestProducer.advanced(by: 1)
          try expect(
            vif.eventually { tx.requestEvent == wanted },
            "the backend went to sleep without asking for an event")
        }
      },
    ]
  }
}

extension BackendRows {
  private var hostileUse: [LabRow] {
    [
      vif("an answer leaves the rest of its slot as it was (R-43)") { vif in
        let queue = vif.front.queues[0]
        let index = queue.tx.requestProducer
        let words: SlotWords = [queue.txPages.grant(of: 5).rawValue, 0, 60 << 16 | 77, 0]
        queue.tx.put(words: words)
        queue.tx.publish()
        try expect(vif.rawAnswer(), is: TxResponse(id: 77, status: .okay))
        let slot = queue.tx.read(at: index)
        try expect([slot[1], slot[2]], is: [words[1], words[2]], "octets 4 to 11")
      },
      vif("unknown flags are ignored (R-47)") { vif in
        let queue = vif.front.queues[0]
        let grant = queue.txPages.grant(of: 5)
        // But for one that both ends have agreed on, and that says another thing of the grant.
        var flags = TxFlags(rawValue: 0xfff0)
        if queue.headerPages != nil { flags.remove(.headerSlot) }
        queue.tx.put(TxRequest(grant: grant, offset: 0, flags: flags, id: 3, size: 60))
        queue.tx.publish()
        try expect(vif.rawAnswer(), is: TxResponse(id: 3, status: .okay))
      },
      vif("events without requests hold up no request for long (R-38)", NetfrontOptions(queues: 2))
      {
        vif in
        let queue = vif.front.queues[0]
        for round in 0..<4 {
          for _ in 0..<500 {
            queue.tx.notify()
            queue.rx.notify()
          }
          for other in 0..<2 {
            let answers = try vif.send(TestFrame.plain(60 + round), queue: other)
            try expect(answers.map(\.status), is: [.okay])
          }
        }
      },
    ]
  }
}

extension TestedVif {
  /// The answer to a request that no sender put into the ring.
  fileprivate func rawAnswer() throws -> TxResponse? {
    let tx = front.queues[0].tx
    var answer: TxResponse?
    _ = front.wait(until: soon) {
      if let slot = try? tx.takeResponse() { answer = TxResponse(words: slot.words) }
      if answer == nil { tx.armResponseEvent() }
      return answer != nil
    }
    return answer
  }
}
