import Netfront
import Netif
import WorldConformance
import XenInterface
import XenRing

extension BackendRows {
  var connections: [LabRow] {
    Self.ways.map { name, options in
      vif("\(name): connected, and again after a close", options) { vif in
        for attempt in ["statuses", "statuses when back"] {
          try expect(vif.front.backendState, is: .connected)
          try expect(vif.front.queues.count, is: options.queues, "queues")
          for queue in vif.front.queues.indices {
            let answers = try vif.send(TestFrame.plain(60), queue: queue)
            try expect(answers.map(\.status), is: [.okay], attempt)
            try expect(vif.delivered(), is: TestFrame.plain(60))
          }
          try vif.close()
          try expect(vif.front.backendState, is: .closed)
          try vif.connect(options)
        }
      }
    } + [
      vif("a guest comes back with other queues and ports than before") { vif in
        for options in Self.ways.map(\.1).reversed() {
          try vif.close()
          try vif.connect(options)
          let last = vif.front.queues.count - 1
          let answers = try vif.send(TestFrame.plain(60), queue: last)
          try expect(answers.map(\.status), is: [.okay])
        }
      }
    ]
  }

  /// An index a few slots ahead of the wrap.
  private static let nearWrap = RingIndex(rawValue: .max - 10)

  /// Handshakes that look wrong and are taken.
  var oddities: [LabRow] {
    let start = Self.nearWrap
    return [
      vif(
        "a TX ring full of requests is attached (R-40)",
        NetfrontOptions(txStart: start, txAhead: 256)
      ) {
        vif in
        let tx = vif.front.queues[0].tx
        try expect(
          vif.eventually { (try? tx.unconsumedResponses()) == 256 }, "not every request is answered"
        )
        // Nothing stands in the slots: each is a packet of no octets.
        for _ in 0..<256 {
          let status = try tx.takeResponse().map { TxResponse(words: $0.words).status }
          try expect(status, is: .error)
        }
      },
      vif(
        "keys of both layouts: those of the queues' directories count (R-41)",
        NetfrontOptions(
          queues: 2,
          extraKeys: ["tx-ring-ref": "30000", "rx-ring-ref": "30000", "event-channel": "3000"])
      ) { vif in
        for queue in 0..<2 {
          try expect(vif.send(TestFrame.plain(60), queue: queue).map(\.status), is: [.okay])
        }
      },
    ]
  }

  /// Handshakes that a backend must not take.
  var refusals: [LabRow] {
    let nearWrap = Self.nearWrap
    let wrong: [(String, NetfrontOptions)] = [
      ("more queues than offered (R-41)", NetfrontOptions(queues: 9, respectsOffer: false)),
      ("no queues (R-41)", NetfrontOptions(extraKeys: ["multi-queue-num-queues": "0"])),
      ("no TX ring", NetfrontOptions(omittedKeys: ["tx-ring-ref"])),
      ("no RX ring", NetfrontOptions(omittedKeys: ["rx-ring-ref"])),
      (
        "no event channel",
        NetfrontOptions(splitEventChannels: false, omittedKeys: ["event-channel"])
      ),
      ("a ring that is not granted", NetfrontOptions(extraKeys: ["tx-ring-ref": "30000"])),
      ("an RX ring that is not granted", NetfrontOptions(extraKeys: ["rx-ring-ref": "30000"])),
      ("a port that is not there", NetfrontOptions(extraKeys: ["event-channel-tx": "3000"])),
      (
        "two queues, one without a TX ring (R-41)",
        NetfrontOptions(queues: 2, omittedKeys: ["queue-1/tx-ring-ref"])
      ),
      (
        "two queues, one without an RX ring (R-41)",
        NetfrontOptions(queues: 2, omittedKeys: ["queue-1/rx-ring-ref"])
      ),
      (
        "two queues, one without an event channel (R-41)",
        NetfrontOptions(
          queues: 2, splitEventChannels: false, omittedKeys: ["queue-1/event-channel"])
      ),
      (
        "a control ring without an event channel",
        NetfrontOptions(controlRing: true, omittedKeys: ["event-channel-ctrl"])
      ),
      ("257 requests in the TX ring (R-40)", NetfrontOptions(txStart: nearWrap, txAhead: 257)),
      ("257 requests in the RX ring (R-40)", NetfrontOptions(rxStart: nearWrap, rxAhead: 257)),
    ]
    return oddities
      + wrong.map { name, options in
        backend("\(name): not served, and the next guest is") { backend, world in
          try TestedVif.with(backend, world) { vif in try expectRefusal(vif, options) }
          try TestedVif.with(backend, world) { vif in
            try vif.connect()
            try expect(vif.send(TestFrame.plain(60)).map(\.status), is: [.okay])
          }
        }
      }
  }

  /// Expects that the backend gives up. Linux says Closing and then Connected all the same, with no
  /// queue behind it.
  private func expectRefusal(_ vif: TestedVif, _ options: NetfrontOptions) throws {
    do throws(NetfrontError) { try vif.front.connect(options, until: vif.soon) } catch {
      return try expect(error, is: .wrongState(seen: .closing, wanted: .connected))
    }
    for queue in vif.front.queues {
      _ = try TxSender(queue).send(TestFrame.plain(60).span.octets)
      queue.tx.publish(.always)
    }
    try vif.expectSilence()
  }
}
