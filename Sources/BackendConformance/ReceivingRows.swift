import Netfront
import Netif
import WorldConformance
import XenInterface
import XenRing

extension BackendRows {
  var receiving: [LabRow] {
    Self.ways.map { name, options in
      vif("\(name): frames are received", options) { vif in
        vif.offerPages()
        for count in [60, 1400] + Array(repeating: 60, count: 80) {
          try vif.give(TestFrame.plain(count))
          let frame = try vif.received()
          try expect(frame?.octets, is: TestFrame.plain(count))
          try expect(frame?.slots.count, is: 1, "slots")
        }
      }
    } + [
      vif("a frame waits for the guest's pages") { vif in
        try vif.give(TestFrame.plain(600))
        vif.offerPages()
        try expect(vif.received()?.octets, is: TestFrame.plain(600))
      },
      vif(
        "a headroom of 256 octets stays free (R-37)",
        NetfrontOptions(extraKeys: ["xdp-headroom": "256"])
      ) { vif in
        vif.offerPages()
        try vif.give(TestFrame.plain(600))
        let frame = try vif.received()
        // The headroom counts as delivered, so as many octets too many follow.
        try expect(frame?.slots.map(\.status.rawValue), is: [856], "status")
        try expect(frame.map { Array($0.octets.prefix(600)) }, is: TestFrame.plain(600))
        try expect(frame?.extras, is: [.xdp(headroom: 256)], "extra infos")
      },
      vif("a page that is not granted: its slot says so, and the next is used (R-35)") { vif in
        let rx = vif.front.queues[0].rx
        rx.put(RxRequest(id: 7, grant: ungranted))
        rx.publish()
        try vif.give(TestFrame.plain(60))
        try expectRefusedPage(vif, id: 7)
        vif.offerPages()
        try vif.give(TestFrame.plain(61))
        try expect(vif.receives(TestFrame.plain(61)), "the next frame does not arrive")
      },
      vif("a producer that runs away: what stands in the slots is used (R-36)") { vif in
        let rx = vif.front.queues[0].rx
        for place in 0..<rx.capacity {
          rx.write(RxRequest(id: 9, grant: ungranted).words, at: RingIndex(rawValue: place))
        }
        rx.publish(claiming: rx.requestProducer.advanced(by: 5000))
        try vif.give(TestFrame.plain(60))
        try expectRefusedPage(vif, id: 9)
        try expect(vif.send(TestFrame.plain(60)).map(\.status), is: [.okay])
      },
    ]
  }

  private var ungranted: GrantReference { GrantReference(rawValue: 30_000) }

  /// Expects that the first answer is an error, with the id of its request.
  private func expectRefusedPage(_ vif: TestedVif, id: UInt16) throws {
    let rx = vif.front.queues[0].rx
    try expect(
      vif.eventually { ((try? rx.unconsumedResponses()) ?? 0) > 0 }, "the slot is not answered")
    let response = try rx.takeResponse().map { RxResponse(words: $0.words) }
    try expect(response?.id, is: id, "identifier")
    try expect((response?.status.rawValue ?? 0) < 0, "no error: \(String(describing: response))")
  }
}
