import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

/// A status that Xen has given, or left.
private struct Lie: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var answer: GrantLie.Answer
  /// What the guest reads in an RX slot.
  var status: Int16

  static let all = [
    Lie(testDescription: "+1", answer: .status(GrantStatus(rawValue: 1)), status: -1),
    Lie(testDescription: "general error", answer: .status(.generalError), status: -1),
    Lie(testDescription: "try again", answer: .status(.tryAgain), status: -12),
    Lie(testDescription: "none", answer: .unwritten, status: -1),
  ]
}

@Suite struct `A Xen that answers with statuses that it should not` {
  @Test(arguments: Lie.all, 0..<3)
  private func `R-44, R-45: loses the packet from the guest, whose slot says so`(
    _ lie: Lie, _ number: Int
  ) throws {
    let bench = try TxBench()
    bench.machine.tell([GrantLie(.copy, number: number, answer: lie.answer)])
    bench.publish(bench.packet([200, 300, 400]) + [bench.request(size: 60).words])
    bench.pollAll()
    let wanted = (0..<3).map { $0 == number ? NetifStatus.error : .okay } + [.okay]
    #expect(bench.statuses() == wanted)
    #expect(bench.sink.frames.map(\.octets.count) == [60])
  }

  @Test func `R-45: loses every packet of a batch that it left unfinished`() throws {
    let bench = try TxBench()
    bench.machine.tell([GrantLie(.copy, number: 1, answer: .endOfBatch)])
    bench.publish((0..<4).map { bench.request(size: 60, id: $0).words })
    bench.pollAll()
    #expect(bench.statuses() == [.okay, .error, .error, .error])
    #expect(bench.sink.frames.count == 1)
  }

  @Test(arguments: Lie.all, 0..<3)
  private func `R-44, R-45: marks the slot for the guest as failed, not as one with so many octets`(
    _ lie: Lie, _ number: Int
  ) throws {
    let bench = try RxBench()
    bench.machine.tell([GrantLie(.copy, number: number, answer: lie.answer)])
    bench.offer([1, 2, 3])
    #expect(bench.send(pattern(3 * 4096)))
    bench.poll()
    #expect(bench.statuses == (0..<3).map { $0 == number ? lie.status : 4096 })
  }

  /// A mapping is one copy, however it lies in the backend's memory: there is no second part to fail.
  @Test(arguments: Lie.all)
  private func `R-30 f, R-44, R-45: leaves the key and the mapping as they were`(
    _ lie: Lie
  ) throws {
    let rig = try ControlRig()
    let grant = rig.page.grants[0].rawValue
    #expect(try rig.status(.setHashMappingSize, 128) == .success)
    rig.write([UInt32](repeating: 3, count: 128))
    #expect(try rig.map(128, at: 0) == .success)
    #expect(try rig.status(.setHashKey, grant, 40) == .success)
    let (mapping, key) = (rig.hash.mapping, rig.hash.key)
    rig.write([UInt32](repeating: 1, count: 128))
    rig.world.machine.tell((0...1).map { GrantLie(.copy, number: $0, answer: lie.answer) })
    #expect(try rig.map(128, at: 0) == .invalidParameter)
    #expect(try rig.status(.setHashKey, grant, 40) == .invalidParameter)
    #expect(rig.hash.mapping == mapping && rig.hash.key == key)
    #expect(try rig.map(128, at: 0) == .success)
    #expect(rig.hash.mapping == [UInt32](repeating: 1, count: 128))
  }

  @Test(arguments: Lie.all, 0..<3)
  private func `R-44, R-45: keeps the vif from connecting, and nothing stays mapped`(
    _ lie: Lie, _ number: Int
  ) throws {
    let world = try BackendWorld()
    world.settle()
    try world.directories.reportHotplug()
    try world.front.open(NetfrontOptions(controlRing: true))
    world.machine.tell([GrantLie(.map, number: number, answer: lie.answer)])
    world.settle()
    guard case .grant = world.device.failure else {
      Issue.record("failed with \(String(describing: world.device.failure))")
      return
    }
    #expect(world.front.backendState == .closing)
    #expect(world.machine.counters.mappedPages == 0)
    #expect(world.device.vif.queues.isEmpty && world.device.vif.control == nil)
  }
}
