public import Netback
public import Netfront
public import Netif
public import SimulatedXen
public import XenInterface
import XenRing

/// An honest guest on a simulated machine whose frames the Swift netback carries: something to
/// record where there is no Xen. The same seed gives the same traffic.
public final class SimulatedGuest {
  /// What is simulated.
  public struct Options: Hashable, Sendable {
    /// Decides the traffic.
    public var seed: UInt64
    /// Queues of the vif.
    public var queues: Int
    /// How strictly the guest is judged.
    public var profile: RuleProfile
    /// In which order the backend answers; with `completion` the network keeps frames for a while.
    public var order: AnswerOrder
    /// How the data of its packets comes to the backend.
    public var path: DataPath
    /// The `rate` key of the vif: octets and microseconds; `nil` for no limit.
    public var rate: String?
    /// Octets of payload that a frame has at most.
    public var largestPayload: Int
    /// Whether the guest has a control ring and asks for hashing in all ways.
    public var usesControlRing: Bool
    /// The vif: the guest's domain, and the device number.
    public var vif: VifPath
    /// The guest's Ethernet address, as in the store.
    public var mac: String

    /// Describes a simulation.
    public init(
      seed: UInt64 = 1, queues: Int = 1, profile: RuleProfile = .linux, order: AnswerOrder = .ring,
      path: DataPath = .copy, rate: String? = nil, largestPayload: Int = 60_000,
      usesControlRing: Bool = false,
      vif: VifPath = VifPath(
        frontendDomain: DomainID(rawValue: 1), handle: VifHandle(rawValue: 0)),
      mac: String = "00:16:3e:00:00:01"
    ) {
      self.seed = seed
      self.queues = queues
      self.profile = profile
      self.order = order
      self.path = path
      self.rate = rate
      self.largestPayload = largestPayload
      self.usesControlRing = usesControlRing
      self.vif = vif
      self.mac = mac
    }
  }

  /// The machine.
  public let machine: SimulatedMachine
  /// The vif's backend.
  public let device: VifDevice
  /// The guest's frontend.
  public let front: Netfront
  let worker: NetbackWorker
  private let network: SimulatedNetwork
  private let options: Options
  private(set) var senders: [TxSender] = []
  private(set) var receivers: [RxReceiver] = []
  private var talk: ControlTalk?
  private var frames: FrameMaker
  private var random: SeededGenerator
  /// A frame that found no room, to be tried again.
  private var delayed: [(octets: [UInt8], offload: FrameOffload)?] = []

  /// Makes the machine and the vif's directories; nothing is connected yet.
  public init(_ options: Options = Options()) throws(SimulationError) {
    self.options = options
    frames = FrameMaker(seed: options.seed, largest: options.largestPayload)
    random = SeededGenerator(seed: ~options.seed)
    machine = SimulatedMachine(seed: options.seed)
    let path = options.vif
    let xen = machine.connect(.control)
    let guest = machine.connect(path.frontendDomain)
    network = SimulatedNetwork(keeps: options.order == .completion, seed: options.seed)
    worker = NetbackWorker(xen: xen)
    do throws(NetfrontError) {
      let directories = VifDirectories(path, store: xen.store)
      try directories.create(
        mac: options.mac, backendKeys: options.rate.map { ["rate": $0] } ?? [:])
    } catch { throw .front(error) }
    do throws(VifError) {
      device = try VifDevice(
        configuration: VifConfiguration(
          domain: path.frontendDomain, handle: path.handle, profile: options.profile,
          order: options.order, path: options.path),
        offer: VifOffer(waitsForHotplug: false), xen: xen, sink: network)
    } catch { throw .device(error) }
    worker.add(device)
    front = Netfront(path, xen: guest, loop: machine.loop)
    machine.loop.add(worker)
  }

  /// The time on the machine.
  public var now: MonotonicInstant { machine.loop.now }

  /// Connects frontend and backend.
  public func connect() throws(SimulationError) {
    do throws(NetfrontError) {
      try front.connect(
        NetfrontOptions(
          queues: options.queues,
          controlRing: options.usesControlRing || options.path == .staged,
          headerArea: options.path == .header, persistentGrants: options.path == .persistent,
          txPages: 256, rxPages: 256),
        until: now.advanced(by: 10_000_000_000))
      if options.path == .staged { try stagePages() }
      if options.usesControlRing, let control = front.control {
        talk = try ControlTalk(
          control, queues: options.queues, seed: options.seed, backend: front.path.backendDomain,
          xen: front.xen)
      }
    } catch { throw .front(error) }
    senders = front.queues.map { TxSender($0) }
    receivers = front.queues.map { RxReceiver($0) }
    delayed = senders.map { _ in nil }
  }

  private func stagePages() throws(NetfrontError) {
    let deadline = now.advanced(by: 10_000_000_000)
    let pages = front.queues.reduce(0) { $0 + $1.stagedPages.count }
    guard try front.stagePages(until: deadline) == pages else {
      throw .missingFeature("staging grants")
    }
  }

  /// Closes the connection.
  public func close() throws(SimulationError) {
    do throws(NetfrontError) {
      try front.close(until: now.advanced(by: 10_000_000_000))
    } catch { throw .front(error) }
    senders = []
    receivers = []
    talk = nil
  }

  /// Lets both ends and the network do a bounded piece of work.
  public func step() throws(SimulationError) {
    do throws(BackendFault) {
      try talk?.step()
      for number in front.queues.indices {
        _ = try senders[number].collect()
        _ = try receivers[number].receive()
      }
    } catch { throw .backend(error) }
    for number in front.queues.indices {
      send(number)
      receivers[number].refill()
      feed(number)
    }
    for (queue, head) in network.release() where device.vif.queues.indices.contains(queue) {
      let wanted = device.vif.queues[queue].tx.release(frame: head, now: now)
      if wanted == .required { device.notifyTx(queue: queue) }
    }
    _ = worker.step(now: now)
    _ = machine.loop.run(until: now.advanced(by: 1 + random.next() % 200_000)) { false }
  }

  private func send(_ number: Int) {
    let queue = front.queues[number]
    for _ in 0..<(random.next() % 12) {
      let frame = delayed[number] ?? frames.next()
      delayed[number] = nil
      let offset = Int(random.next() % 3) * 700
      do throws(SendError) {
        _ = try senders[number].send(
          frame.octets.span.octets, offload: frame.offload, shape: TxShape(offset: offset))
      } catch {
        if error == .full { delayed[number] = frame }
        break
      }
    }
    queue.tx.armResponseEvent()
    queue.tx.publish()
  }

  private func feed(_ number: Int) {
    front.queues[number].rx.armResponseEvent()
    for _ in 0..<(random.next() % 6) {
      let frame = frames.next()
      _ = device.send(
        frame.octets.span.octets, offload: frame.offload, queue: number, now: now)
    }
  }
}

/// Why a simulation could not go on.
public enum SimulationError: Error, Hashable, Sendable {
  /// The frontend could not do what it was asked.
  case front(NetfrontError)
  /// The backend could not be made.
  case device(VifError)
  /// The backend did what no honest one does.
  case backend(BackendFault)
  /// A frame of the caller's does not fit into a ring.
  case frame(SendError)
}

/// Where the guest's frames go. It may keep them for a while and let go of them in any order.
private final class SimulatedNetwork: FrameSink {
  private let keeps: Bool
  private var random: SeededGenerator
  private var kept: [(queue: Int, head: RingIndex)] = []

  init(keeps: Bool, seed: UInt64) {
    self.keeps = keeps
    random = SeededGenerator(seed: seed &* 3)
  }

  func deliver(_ batch: FrameBatch, queue: UInt16) {
    guard keeps else { return }
    for place in batch.frames.indices { kept.append((Int(queue), batch.frames[place].head)) }
  }

  /// Takes some of the kept frames, in an order of its own.
  func release() -> [(queue: Int, head: RingIndex)] {
    kept.shuffle(using: &random)
    let count = min(kept.count, Int(random.next() % 16) + kept.count / 2)
    let released = Array(kept.prefix(count))
    kept.removeFirst(count)
    return released
  }
}
