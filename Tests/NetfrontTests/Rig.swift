import BackendConformance
import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

/// A guest's frontend and our backend on one simulated machine, with a toolstack between them.
final class Rig {
  static let guest = DomainID(rawValue: 5)
  let machine = SimulatedMachine(seed: 0x5eed)
  let path: VifPath
  let directories: VifDirectories
  let front: Netfront
  let log = FrameLog()
  private(set) var device: VifDevice?

  /// Makes the directories, and a backend unless told not to, in the control domain or another one.
  init(queues: UInt32 = 4, in backend: DomainID = .control, hasBackend: Bool = true) throws {
    path = VifPath(
      backendDomain: backend, frontendDomain: Self.guest, handle: VifHandle(rawValue: 0))
    directories = VifDirectories(path, store: machine.connect(.control).store)
    front = Netfront(path, xen: machine.connect(Self.guest), loop: machine.loop)
    try directories.create()
    try directories.reportHotplug()
    if hasBackend { try startBackend(queues: queues) }
  }

  private func startBackend(queues: UInt32) throws {
    let xen = machine.connect(path.backendDomain)
    let worker = NetbackWorker(xen: xen)
    let device = try VifDevice(
      configuration: VifConfiguration(domain: Self.guest, handle: path.handle),
      offer: VifOffer(maximumQueues: queues), xen: xen, sink: log)
    worker.add(device)
    machine.loop.add(worker)
    self.device = device
  }

  /// A second from now, which is more than anything honest takes.
  var soon: MonotonicInstant { machine.loop.now.advanced(by: 1_000_000_000) }

  func connect(_ options: NetfrontOptions = NetfrontOptions()) throws {
    try front.connect(options, until: soon)
  }

  /// Has the backend deliver a frame to the guest's first queue.
  func deliver(_ octets: [UInt8], _ offload: FrameOffload) {
    let now = machine.loop.now
    #expect(device?.vif.send(octets.span.octets, offload: offload, queue: 0, now: now) == true)
    _ = device?.poll(now: now)
  }

  /// Collects answers until `count` have come, or no more come.
  func answers(_ sender: TxSender, count: Int) throws -> [TxResponse] {
    var answers: [TxResponse] = []
    var fault: BackendFault?
    _ = front.wait(until: soon) {
      do throws(BackendFault) { answers += try sender.collect() } catch { fault = error }
      return answers.count >= count || fault != nil
    }
    if let fault { throw fault }
    return answers
  }

  /// Receives until `count` packets have come, or no more come.
  func packets(
    _ receiver: RxReceiver, count: Int
  ) throws -> [Result<ReceivedFrame, RxFault>] {
    var packets: [Result<ReceivedFrame, RxFault>] = []
    var fault: BackendFault?
    _ = front.wait(until: soon) {
      do throws(BackendFault) { packets += try receiver.receive() } catch { fault = error }
      return packets.count >= count || fault != nil
    }
    if let fault { throw fault }
    return packets
  }
}

/// A frame to a unicast address whose octets differ from place to place.
func frame(_ count: Int) -> [UInt8] {
  (0..<count).map { $0 < 12 ? 2 : UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 256) }
}
