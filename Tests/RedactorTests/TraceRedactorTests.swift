import Netif
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

@testable import Redactor

@Suite struct TraceRedactorTests {
  private static let tcp = SampleFrame.all[0]
  private let scramble = Redaction(key: RedactionSample.key)

  @Test(arguments: [[114], [73, 41], [20, 14, 80], [14, 20, 20, 12, 48]])
  func `memory is replaced as the frame that became of it, in whatever pieces it came`(
    _ sizes: [Int]
  ) throws {
    var trace = Recorded()
    trace.addPoll(of: Self.tcp.octets, in: sizes)
    let redacted = try trace.redacted(scramble)
    #expect(redacted.memory.map(\.count) == sizes)
    #expect(Array(redacted.memory.joined()) == redacted.frames[0])
    #expect(redacted.frames[0] != Self.tcp.octets)
    #expect(redacted.events.count == trace.events.count)
  }

  @Test func `a checksum in memory counts what only the frame has`() throws {
    var whole = Recorded()
    whole.addPoll(of: Self.tcp.octets, in: [114])
    var cut = whole
    let place = try #require(cut.events.firstIndex { $0.payload.count == 114 })
    guard case .memory(var operand) = cut.events[place].event.body else { return }
    operand.captured = 70
    cut.events[place].event.body = .memory(operand)
    cut.events[place].payload.removeLast(44)
    let expected = try whole.redacted(scramble).memory[0].prefix(70)
    #expect(try cut.redacted(scramble).memory[0] == Array(expected))
  }

  @Test(
    arguments: [(0, [0, 0]), (60, [60, 0]), (80, [73, 7]), (200, [73, 41])] as [(UInt32, [Int])])
  func `a snap length counts through all of a packet`(_ most: UInt32, _ left: [Int]) throws {
    var trace = Recorded()
    trace.addPoll(of: Self.tcp.octets, in: [73, 41])
    let redacted = try trace.redacted(Redaction(snapLength: most))
    #expect(redacted.memory.map(\.count) == left.filter { $0 > 0 })
    #expect(redacted.frames[0] == Array(Self.tcp.octets.prefix(Int(most))))
    #expect(redacted.header.snapLength == min(most, 65535))
    // Lengths stay as they were.
    let operands = redacted.events.compactMap { entry -> UInt16? in
      if case .grantCopy(let operand, _, _) = entry.event.body { operand.length } else { nil }
    }
    #expect(operands == [73, 41])
  }

  @Test(arguments: SampleFrame.all)
  func `of each packet its headers are left`(_ sample: SampleFrame) throws {
    var trace = Recorded()
    trace.addPoll(of: sample.octets, in: [sample.octets.count])
    trace.addPoll(of: sample.octets, in: [14, sample.octets.count - 14], at: 1)
    let redacted = try trace.redacted(Redaction(headersOnly: true))
    let headers = Array(sample.octets.prefix(sample.headers))
    #expect(redacted.frames == [headers, headers])
    #expect(Array(redacted.memory.joined()) == headers + headers)
  }

  @Test func `memory of which nobody knows the packet is replaced whole, or left out`() throws {
    var trace = Recorded()
    trace.addMemory(99, Self.tcp.octets)
    let scrambled = try trace.redacted(scramble).memory[0]
    #expect(zip(scrambled, Self.tcp.octets).count { $0 == $1 } < 10)
    #expect(try trace.redacted(Redaction(snapLength: 1000)).memory.isEmpty)
    #expect(try trace.redacted(Redaction(headersOnly: true)).memory.isEmpty)
  }

  @Test func `a second packet in the same page is told from the first`() throws {
    let other = SampleFrame.all[3].octets
    var trace = Recorded()
    trace.addPoll(of: Self.tcp.octets, in: [114])
    trace.addPoll(of: other, in: [other.count], at: 256)
    let redacted = try trace.redacted(scramble)
    #expect(redacted.memory == redacted.frames)
  }

  @Test func `the queue that is polled keeps no other from being seen`() throws {
    var trace = Recorded()
    trace.addPoll(of: Self.tcp.octets, in: [114])
    var redactor = TraceRedactor(trace.header, scramble)
    var seen = 0
    for (number, entry) in trace.events.enumerated() {
      redactor.take(entry.event, payload: entry.payload.span.octets)
      while let event = redactor.next() {
        #expect(event.number == UInt64(seen))
        seen += 1
      }
      // Memory and what is behind it wait for the poll's end.
      #expect(number == trace.events.count - 1 ? seen == number + 1 : seen <= 3)
    }
  }

  @Test(arguments: FieldTraces.names, Thoroughness.some(of: RedactionSample.all, every: 3))
  func `a trace whose events stand in any order is taken, and none of them is lost`(
    _ name: String, _ sample: RedactionSample
  ) throws {
    var random = SeededGenerator(seed: 11)
    var trace = try Recorded(try FieldTraces.octets(name))
    trace.events.shuffle(using: &random)
    let redacted = try trace.redacted(sample.redaction)
    let isKept: (TraceEvent) -> Bool = { if case .memory = $0.body { false } else { true } }
    #expect(redacted.events.count { isKept($0.event) } == trace.events.count { isKept($0.event) })
    #expect(redacted.events.count <= trace.events.count)
  }

  @Test func `a poll that never ends does not hold everything back`() throws {
    var trace = Recorded()
    trace.add(.pollBegin(ring: .tx, budget: 64))
    for _ in 0..<40_000 { trace.addMemory(0, [1, 2, 3]) }
    var redactor = TraceRedactor(trace.header, scramble)
    for entry in trace.events {
      redactor.take(entry.event, payload: entry.payload.span.octets)
    }
    #expect(redactor.next() != nil)
    redactor.finish()
    var count = 1
    while redactor.next() != nil { count += 1 }
    #expect(count == trace.events.count)
  }
}

@Suite struct `What stands beside packets` {
  private let scramble = Redaction(key: RedactionSample.key)
  private let replacement = Replacement.keyed(Scrambler(RedactionSample.key))

  @Test func `addresses in keys, notes and snapshots are replaced, and nothing else of them`()
    throws
  {
    let address = MACAddress(bits: 0x3333_0000_0001)
    var trace = Recorded(
      keys: [
        .init(name: "backend/ip", value: "192.0.2.7"),
        .init(name: "backend/mac", value: "00:16:3e:00:00:01"),
        .init(name: "frontend/tx-ring-ref", value: "8"),
      ], multicast: [address])
    trace.header.options = "--vif vif5.0 of 192.0.2.7"
    let vif = trace.header.vifs[0]
    trace.add(.snapshot(length: UInt32(vif.encoded().count)), vif.encoded())
    for body: (UInt32) -> TraceEvent.Body in [
      { .key(of: .backend, length: $0) }, { .note(length: $0) },
    ] {
      let text = Array("mac=00:16:3e:00:00:01".utf8)
      trace.add(body(UInt32(text.count)), text)
    }
    let redacted = try trace.redacted(scramble)
    let keys = redacted.header.vifs[0].keys
    #expect(keys.map(\.name) == vif.keys.map(\.name))
    #expect(keys[0].value == replacement.text(for: "192.0.2.7"))
    #expect(keys[1].value == replacement.text(for: "00:16:3e:00:00:01") && keys[2].value == "8")
    #expect(redacted.header.vifs[0].multicast == [replacement.address(for: address)])
    let octets = redacted.events[0].payload
    let snapshot = try VifSnapshot(encoded: octets.span.octets)
    #expect(snapshot == redacted.header.vifs[0])
    let text = replacement.text(for: "mac=00:16:3e:00:00:01")
    #expect(redacted.events[1].payload == Array(text.utf8))
    #expect(redacted.events[2].payload == Array(text.utf8))
    #expect(redacted.header.options == "--vif vif5.0 of " + replacement.text(for: "192.0.2.7"))
    #expect(redacted.header.redaction == "scramble")
  }

  @Test func `extra infos keep all but addresses and hashes`() throws {
    let address = MACAddress(bits: 0x0100_5e00_00fb)
    let infos: [ExtraInfo] = [
      .gso(size: 1448, type: 1), .multicastAdd(address), .multicastDelete(address),
      .hash(type: 1, algorithm: 1, value: 77), .xdp(headroom: 256),
    ]
    var trace = Recorded()
    let head = TxRequest(
      grant: GrantReference(rawValue: 8), offset: 0, flags: .extraInfo, id: 0, size: 60
    ).words
    trace.add(.slot(ring: .tx, index: RingIndex(rawValue: 0), .init(head[0], head[1], head[2])))
    for (number, info) in infos.enumerated() {
      let words = ExtraInfoSlot(info, hasMore: number + 1 < infos.count).words
      trace.add(
        .slot(
          ring: .tx, index: RingIndex(rawValue: UInt32(number + 1)), .init(words[0], words[1], 99)))
    }
    let redacted = try trace.redacted(scramble)
    let found = try redacted.events.dropFirst().map { entry in
      guard case .slot(_, _, let words) = entry.event.body else {
        return ExtraInfo.xdp(headroom: 0)
      }
      #expect(words.w2 == 99)
      return try ExtraInfoSlot(words: [words.w0, words.w1, words.w2, 0]).info
    }
    let other = replacement.address(for: address)
    #expect(other != address && redacted.events[0].event == trace.events[0].event)
    #expect(
      found == [
        .gso(size: 1448, type: 1), .multicastAdd(other), .multicastDelete(other),
        .hash(type: 1, algorithm: 1, value: replacement.flowHash(for: 77)), .xdp(headroom: 256),
      ])
  }

  @Test func `a snapshot that cannot be read is left out`() throws {
    var trace = Recorded()
    trace.add(.snapshot(length: 5), [1, 2, 3, 4, 5])
    for sample in RedactionSample.all {
      #expect(try trace.redacted(sample.redaction).events.map(\.payload) == [[]])
    }
  }

  @Test func `a redaction adds to what was done before`() throws {
    var trace = Recorded()
    trace.header.redaction = "headers-only by hand"
    let redacted = try trace.redacted(Redaction(snapLength: 60, key: RedactionSample.key))
    #expect(redacted.header.redaction == "snaplen=60 headers-only scramble by hand")
  }
}
