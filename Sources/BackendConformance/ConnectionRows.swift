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

  /// Handshakes that a backend must not take.
  var refusals: [LabRow] {
    let wrong: [(String, NetfrontOptions)] = [
      ("more queues than offered", NetfrontOptions(queues: 9, respectsOffer: false)),
      ("no queues", NetfrontOptions(extraKeys: ["multi-queue-num-queues": "0"])),
      ("no TX ring", NetfrontOptions(omittedKeys: ["tx-ring-ref"])),
      ("no RX ring", NetfrontOptions(omittedKeys: ["rx-ring-ref"])),
      (
        "no event channel",
        NetfrontOptions(splitEventChannels: false, omittedKeys: ["event-channel"])
      ),
      ("a ring that is not granted", NetfrontOptions(extraKeys: ["tx-ring-ref": "30000"])),
      ("a port that is not there", NetfrontOptions(extraKeys: ["event-channel-tx": "3000"])),
    ]
    return wrong.map { name, options in
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
