import Netfront
import Netif
import WorldConformance

extension BackendRows {
  private static let second: UInt64 = 1_000_000_000

  /// Guests that offer too few pages for what comes for them. Two of the rows take time.
  var scarcity: [LabRow] {
    [
      vif(
        "a frame of two slots waits for the second page (R-33)",
        NetfrontOptions(queues: 2, controlRing: true), waitForTwo),
      vif("a frame that has waited for ten seconds is gone (R-34)") { vif in
        try vif.give(TestFrame.plain(60))
        vif.rest(nanoseconds: 12 * Self.second)
        vif.offerPages()
        try vif.give(TestFrame.plain(61))
        try expect(vif.received()?.octets, is: TestFrame.plain(61))
      },
      vif("a queue that gets no pages for a minute stalls, and pages end that (R-33)") {
        try stall($0)
      },
    ]
  }

  /// The hash of a frame takes a slot as more than a page of data would, whatever the backend's
  /// interface takes.
  private func waitForTwo(_ vif: TestedVif) throws {
    let answers = try vif.ask([
      ControlRequest(
        id: 1, type: ControlMessage.setHashAlgorithm.rawValue,
        data0: HashAlgorithm.toeplitz.rawValue, data1: 0, data2: 0),
      ControlRequest(
        id: 2, type: ControlMessage.setHashFlags.rawValue, data0: 15, data1: 0, data2: 0),
    ])
    try expect(answers.map(\.status), is: [0, 0], "statuses")
    let octets = TestFrame.flow(1, isIPv6: false)
    for receiver in vif.receivers { receiver.refill(limit: 1) }
    try vif.give(octets)
    vif.rest(nanoseconds: TestedVif.silence)
    let rings = vif.front.queues.map(\.rx)
    for ring in rings { try expect(ring.unconsumedResponses(), is: 0, "slots used") }
    for receiver in vif.receivers { receiver.refill(limit: 1) }
    try expect(
      vif.eventually { rings.contains { (try? $0.unconsumedResponses()) == 2 } },
      "two pages do not do")
    try expect(vif.received()?.octets, is: octets)
  }

  /// A frame comes every five seconds, so that there is a young one when the minute is over: Linux looks
  /// at the queue when an old one has expired, and one in which none waits is not stalled.
  private func stall(_ vif: TestedVif) throws {
    var seconds = 0
    while vif.hasCarrier, seconds < 80 {
      try vif.give(TestFrame.plain(60))
      vif.rest(nanoseconds: 5 * Self.second)
      seconds += 5
    }
    try expect(!vif.hasCarrier, "it does not stall")
    try expect(seconds > 55, "it stalls after \(seconds) seconds")
    vif.offerPages()
    try expect(vif.eventually { vif.hasCarrier }, "it stays stalled")
    try expect(vif.comesToReceive(TestFrame.plain(61)), "no frame arrives")
  }
}
