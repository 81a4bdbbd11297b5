import Netback
import Netif
import PerfettoExport
import Recorder
import Testing
import TraceFormat

@Suite struct FlowTests {
  @Test(arguments: DataPath.allCases, AnswerOrder.allCases)
  func `from each TX packet a flow leads over its requests and grant operations to its answers`(
    _ path: DataPath, _ order: AnswerOrder
  ) throws {
    let trace = try Exported(record(.init(seed: 7, order: order, path: path), steps: 20))
    let flows = trace.shown.flows.values.filter { $0[0].name == "packet" }
    #expect(flows.count == trace.packets)
    let whole = flows.filter { $0.last?.endingFlows.isEmpty == false }
    #expect(whole.count > 40)
    for flow in whole {
      #expect(flow[1].name == "request")
      let answers = flow.count { $0.name == "response" }
      #expect(answers == flow.count { $0.name == "request" || $0.name == "extra info" })
      #expect(flow.last?.name == "response")
      #expect(flow.count { !$0.endingFlows.isEmpty } == 1)
    }
    guard [.copy, .map, .mapLarge].contains(path) else { return }
    #expect(whole.allSatisfy { $0.contains { $0.path.hasSuffix("/grants") } })
  }

  @Test(arguments: DataPath.allCases, AnswerOrder.allCases)
  func `each grant operation of a TX packet is between its requests and its answers`(
    _ path: DataPath, _ order: AnswerOrder
  ) throws {
    let trace = try Exported(record(.init(seed: 8, queues: 2, order: order, path: path), steps: 15))
    let operations = trace.shown.events(on: "grants").filter { $0.name != "unmap" }
    #expect(operations.count > 40)
    #expect(operations.allSatisfy { $0.allFlows.count == 1 })
    for flow in trace.shown.flows.values where flow.last?.endingFlows.isEmpty == false {
      let names = flow.map(\.name)
      let first = names.firstIndex { $0?.hasPrefix("copy") == true || $0 == "map" }
      guard let first else { continue }
      #expect(names[..<first].contains("request"))
      #expect(names[first...].contains("response"))
    }
  }

  @Test func `from each RX request a flow leads over its copies to its answer`() throws {
    let trace = try Exported(record(.init(seed: 9), steps: 20))
    let answers = trace.shown.events(on: "rx ring").filter { $0.name == "response" }
    #expect(answers.count > 40)
    let flows = trace.shown.flows
    for answer in answers {
      let own = try #require(answer.endingFlows.first { flows[$0]?.first?.name == "request" })
      let names = try #require(flows[own]).map(\.name)
      #expect(names.dropFirst().dropLast().allSatisfy { $0 == "copy to guest" })
      #expect(names.count > 2)
    }
  }

  @Test func `from each frame for the guest a flow leads to its answers`() throws {
    let trace = try Exported(record(.init(seed: 9), steps: 20))
    let taken = trace.shown.events(on: "network").filter { $0.name == "taken" }
    var whole = 0
    let flows = trace.shown.flows
    for frame in taken {
      let flow = try #require(flows[frame.flows[0]])
      guard flow.last?.endingFlows.contains(frame.flows[0]) == true else { continue }
      whole += 1
      let answers = flow.filter { $0.name == "response" }
      let octets = answers.reduce(0) { $0 + ($1.numbers["status"] ?? 0) }
      #expect(octets == frame.numbers["length"])
    }
    #expect(whole > 20)
  }

  @Test func `from each control message a flow leads over its copies to its answer`() throws {
    let trace = try Exported(record(.init(seed: 4, usesControlRing: true), steps: 60))
    let flows = trace.shown.flows.values.filter { $0[0].name == "message" }
    #expect(flows.count > 20)
    for flow in flows {
      let names = flow.map(\.name)
      #expect(names[1] == "request")
      #expect(names.last == "response")
      #expect(names.dropFirst(2).dropLast().allSatisfy { $0 == "copy from guest" })
    }
    #expect(flows.contains { $0.count > 3 })
  }

  @Test(arguments: FieldTraces.names)
  func `in a kernel's trace each grant operation has its flow`(_ name: String) throws {
    let shown = try Exported(FieldTraces.octets(name)).shown
    let operations = shown.events(on: "grants")
    #expect(operations.count > 10)
    #expect(operations.count { $0.allFlows.isEmpty } == 0)
    guard name == "loopback" else { return }
    let packets = shown.flows.values.filter { $0[0].name == "packet" }
    #expect(packets.count > 1000)
    #expect(packets.count { $0.last?.name == "response" } > packets.count * 9 / 10)
  }
}

extension Exported {
  /// TX packets that the backend took.
  fileprivate var packets: Int {
    var walker = TxSlotWalker()
    return events.count { event in
      guard case .slot(.tx, _, let words) = event.body else { return false }
      return walker.take([words.w0, words.w1, words.w2, 0]) == .head
    }
  }
}
