import Netfront
import Netif
import PacketCapture
import WorldConformance
import XenInterface
import XenRing

extension LabSuite {
  /// Our frontend on real grants, against the kernel's xen-netback.
  static var netfront: LabSuite {
    LabSuite("netfront", LabRow.kernelConnections + LabRow.kernelTx + LabRow.kernelRx)
  }
}

/// Ways to connect that a Linux backend must take.
private let ways: [(String, NetfrontOptions)] = [
  ("one queue", NetfrontOptions()),
  ("one queue with one port", NetfrontOptions(splitEventChannels: false)),
  ("two queues", NetfrontOptions(queues: 2)),
  (
    "rings that wrap at once",
    NetfrontOptions(
      txStart: RingIndex(rawValue: .max - 2), rxStart: RingIndex(rawValue: .max - 2))
  ),
  (
    "two queues and a control ring, near the wrap",
    NetfrontOptions(
      queues: 2, controlRing: true, txStart: RingIndex(rawValue: 0xffff_fff0),
      rxStart: RingIndex(rawValue: 0xffff_fff0))
  ),
]

/// A frame to a broadcast address, of a type that nobody answers.
private func frame(_ count: Int) -> [UInt8] {
  (0..<count).map { index in
    switch index {
    case 0..<6: 0xff
    case 6..<12: 2
    case 12: 0x88
    case 13: 0xb5
    default: UInt8(truncatingIfNeeded: index)
    }
  }
}

/// Whether a frame is one of ours, and not the kernel's own chatter.
private func isOurs(_ octets: [UInt8]) -> Bool {
  octets.count > 13 && octets[12...13] == [0x88, 0xb5]
}

extension KernelVif {
  /// Sends a frame on every queue and returns the statuses of all answers.
  fileprivate func send(_ count: Int, shape: TxShape = TxShape()) throws -> [Int16] {
    var statuses: [Int16] = []
    for queue in front.queues {
      let sender = TxSender(queue)
      let packet = try sender.send(frame(count).span.octets, shape: shape)
      queue.tx.publish()
      var answers: [TxResponse] = []
      _ = front.wait(until: soon) {
        answers += (try? sender.collect()) ?? []
        return answers.count >= packet.identifiers.count
      }
      statuses += answers.map(\.status.rawValue)
    }
    return statuses
  }

  /// Sends one slot of the first page as it is, and expects that nothing comes back.
  fileprivate func sendUnanswered(offset: UInt16, size: UInt16) throws {
    let queue = front.queues[0]
    queue.tx.put(
      TxRequest(
        grant: queue.txPages.grant(of: 0), offset: offset, flags: [], id: 0, size: size))
    queue.tx.publish(.always)
    _ = front.wait(until: silence) { false }
    try expect(queue.tx.unconsumedResponses(), is: 0, "answers")
  }

  /// The next frame of ours that the backend delivers; `nil` when none comes.
  fileprivate func delivered(_ capture: FrameCapture) -> [UInt8]? {
    var frame: [UInt8]?
    _ = front.wait(until: soon) {
      while frame == nil, let next = (try? capture.nextFrame()) ?? nil {
        if isOurs(next.octets) { frame = next.octets }
      }
      return frame != nil
    }
    return frame
  }
}

extension LabRow {
  /// A row with a vif of the kernel's, which is gone when it ends.
  private static func vif(
    _ name: String, _ options: NetfrontOptions = NetfrontOptions(),
    _ body: @escaping (KernelVif) throws -> Void
  ) -> LabRow {
    LabRow(name) { world in try KernelVif.with(options, in: world, body) }
  }

  fileprivate static var kernelConnections: [LabRow] {
    ways.map { name, options in
      vif("the kernel's backend connects to \(name), again after a close", options) { vif in
        let okay = vif.front.queues.map { _ in Int16(0) }
        try expect(vif.front.backendState, is: .connected)
        try expect(vif.send(60), is: okay, "statuses")
        try vif.front.close(until: vif.soon)
        try vif.connect(options)
        try expect(vif.send(60), is: okay, "statuses when back")
      }
    }
  }

  fileprivate static var kernelTx: [LabRow] {
    [
      vif("the kernel delivers what was sent, in any pieces") { vif in
        let capture = try vif.openInterface()
        for shape in [TxShape(), TxShape(offset: 4000), TxShape(offset: 100, piece: 90)] {
          let count = shape.slots(for: 1400)
          try expect(vif.send(1400, shape: shape), is: (0..<count).map { _ in 0 })
          try expect(vif.delivered(capture), is: frame(1400))
        }
      },
      vif("the kernel answers a frame that is too short with an error") { vif in
        try expect(vif.send(10), is: [-1])
        try expect(vif.send(14), is: [0])
      },
      vif("the kernel cuts a guest off whose slot crosses its page") { vif in
        try vif.sendUnanswered(offset: 4090, size: 100)
        try vif.sendUnanswered(offset: 0, size: 60)
      },
    ]
  }

  fileprivate static var kernelRx: [LabRow] {
    ways.map { name, options in
      vif("the kernel's frames are received on \(name)", options) { vif in
        let capture = try vif.openInterface()
        let receivers = vif.front.queues.map(RxReceiver.init)
        for receiver in receivers { receiver.refill() }
        for count in [60, 1400] + Array(repeating: 60, count: 40) {
          try capture.inject(frame(count).span.octets)
          try expect(vif.received(receivers), is: frame(count))
          for receiver in receivers { receiver.refill() }
        }
      }
    }
  }
}

extension KernelVif {
  /// The next frame of ours that reaches one of the receivers; `nil` when none comes.
  fileprivate func received(_ receivers: [RxReceiver]) throws -> [UInt8]? {
    var packets: [Result<ReceivedFrame, RxFault>] = []
    var fault: (any Error)?
    _ = front.wait(until: soon) {
      do {
        for receiver in receivers { packets += try receiver.receive() }
      } catch { fault = error }
      packets.removeAll { ((try? $0.get())?.octets).map { !isOurs($0) } ?? false }
      return !packets.isEmpty || fault != nil
    }
    if let fault { throw fault }
    return try packets.first?.get().octets
  }
}
