import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

/// A guest with a control ring and a page for lists, and a backend that keeps pages mapped.
struct StagingRig {
  let world: BackendWorld
  let list: StagingList
  /// Pages to stage, beside those of the queues.
  let pages: any GrantedPages

  init(queues: Int = 2, pages: Int = 0, options: NetfrontOptions = NetfrontOptions()) throws {
    world = try BackendWorld(dataPath: .staged)
    var options = options
    options.queues = queues
    options.controlRing = true
    try world.connect(options)
    list = try StagingList(for: .control, allocator: world.guest.allocator)
    self.pages = try world.guest.allocator.share(pages, with: .control, access: .readWrite)
  }

  var front: Netfront { world.front }
  var mapped: Int { world.machine.counters.mappedPages }
  /// The table of the first queue.
  var table: StagingTable {
    get throws { try #require(world.device.vif.queues.first?.staging) }
  }

  /// The first of the pages, as entries of a list.
  func entries(_ places: Range<Int>, isReadOnly: Bool = false) -> [StagedGrant] {
    places.map { StagedGrant(grant: pages.grants[$0], isReadOnly: isReadOnly) }
  }

  /// Sends a message as it is and takes its answer.
  func ask(_ request: ControlRequest) throws -> (status: ControlStatus?, data: UInt32) {
    let answer = try #require(front.ask(request, until: world.later))
    #expect(answer.id == request.id && answer.type == request.type)
    return (ControlStatus(rawValue: answer.status), answer.data)
  }

  /// Writes a list and has it added.
  func add(_ entries: [StagedGrant], to queue: Int = 0) throws -> ControlStatus? {
    list.write(entries)
    return try ask(list.adding(entries.count, to: queue, id: 7)).status
  }

  /// Writes a list and has it deleted.
  ///
  /// - Returns: how many were, and the status of each entry.
  func delete(
    _ entries: [StagedGrant], from queue: Int = 0
  ) throws -> (status: ControlStatus?, data: UInt32, statuses: [UInt16]) {
    list.write(entries)
    let answer = try ask(list.deleting(entries.count, from: queue, id: 8))
    return (answer.status, answer.data, list.entries(entries.count).map(\.status))
  }
}

/// A reference that was never granted.
let ungranted = GrantReference(rawValue: 30_000)
