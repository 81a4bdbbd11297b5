import Netback
import Netfront
import Netif
import SimulatedXen
import XenInterface
import XenRing

/// A machine with a Swift backend in domain 0 whose queues are served by groups, and some guests.
final class GroupWorld {
  let machine: SimulatedMachine
  let groups: [WorkerGroup]
  let control: NetbackWorker
  private let xen: DomainInterface
  let pool: WorkerPool

  /// Makes a world without guests. The loop calls the groups, unless they have threads, which
  /// `attend` reaches.
  init(
    groups count: Int, seed: UInt64 = 1, areOnLoop: Bool = true,
    attend: ((WorkerGroup) -> Void)? = nil
  ) {
    machine = SimulatedMachine(seed: seed)
    xen = machine.connect(.control)
    groups = (0..<count).map { [machine] _ in
      WorkerGroup(xen: machine.connect(.control), attend: attend)
    }
    pool = WorkerPool(groups: groups)
    control = NetbackWorker(xen: xen)
    machine.loop.add(control)
    if areOnLoop { for group in groups { machine.loop.add(group) } }
  }

  /// How many queues each group has.
  var sizes: [Int] { groups.map(\.queueCount) }

  var later: MonotonicInstant { machine.loop.now.advanced(by: 10_000_000_000) }

  func settle() {
    _ = machine.loop.run(until: machine.loop.now.advanced(by: 1_000_000), unless: { false })
  }

  /// Makes a guest that is not yet connected.
  func makeGuest(
    _ number: UInt16, path: DataPath = .copy, order: AnswerOrder = .ring,
    ends: [any QueueEnd] = []
  ) throws -> GroupGuest {
    let domain = DomainID(rawValue: number)
    let place = VifPath(frontendDomain: domain, handle: VifHandle(rawValue: 0))
    let interface = machine.connect(domain)
    let directories = VifDirectories(place, store: machine.connect(.control).store)
    try directories.create()
    try directories.reportHotplug()
    let sink = CollectingSink()
    let configuration = VifConfiguration(
      domain: domain, handle: place.handle, order: order, path: path)
    let device = try VifDevice(
      configuration: configuration, xen: xen, sink: sink, pool: pool, ends: ends)
    control.add(device)
    return GroupGuest(
      front: Netfront(place, xen: interface, loop: machine.loop), device: device, sink: sink)
  }

  /// Makes a guest with queues and connects it.
  func connect(_ number: UInt16, queues: Int = 1) throws -> GroupGuest {
    let guest = try makeGuest(number)
    try guest.front.connect(NetfrontOptions(queues: queues), until: later)
    return guest
  }

  /// Lets a guest close.
  func close(_ guest: GroupGuest) throws { try guest.front.close(until: later) }

  /// Whether nothing is mapped, granted or bound any more.
  var holdsNothing: Bool {
    let counters = machine.counters
    return counters.mappedPages == 0 && counters.grantedPages == 0 && counters.openPorts == 0
  }
}

/// A guest of such a machine, and its vif.
struct GroupGuest {
  let front: Netfront
  let device: VifDevice
  let sink: CollectingSink

  /// Puts frames of 60 octets into the first TX ring, without an event.
  func fill(_ sender: TxSender, _ firsts: some Sequence<UInt8>) throws {
    for first in firsts { _ = try sender.send(pattern(60, from: first).span.octets) }
    front.queues[0].tx.publish(.never)
  }

  /// Hands a frame to one of its queues, as whoever serves that queue may.
  func receive(_ octets: [UInt8], queue: Int = 0, now: MonotonicInstant) -> Bool {
    device.vif.queues[queue].send(octets.span.octets, offload: FrameOffload(), now: now)
  }

  /// The first octet of each frame that came from it.
  var firstOctets: [UInt8] { sink.frames.map { $0.octets[0] } }
}
