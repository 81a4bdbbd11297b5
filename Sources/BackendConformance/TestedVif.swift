import Netfront
import Netif
import Synchronization
import WorldConformance
import XenInterface
import XenRing

/// A vif with our frontend at one end and the backend under test at the other.
final class TestedVif {
  let front: Netfront
  private(set) var senders: [TxSender] = []
  private(set) var receivers: [RxReceiver] = []
  private let end: any ServedVif
  private let directories: VifDirectories
  private let loop: any WorldLoop
  /// Whether all our pages are staged.
  let stagesPages: Bool

  /// Numbers are not used again: a kernel takes an interface away in its own time.
  private static let nextHandle = Atomic<UInt32>(0)

  /// Runs `body` on a vif that a toolstack has made and will take away.
  static func on(
    _ handle: VifHandle, _ backend: any BackendUnderTest, _ world: World,
    _ body: (TestedVif) throws -> Void
  ) throws {
    let vif = try TestedVif(handle, backend, world, makesDirectories: false)
    defer {
      vif.vanish()
      vif.end.retire()
    }
    try body(vif)
    try vif.close()
  }

  /// Makes a vif, runs `body` and takes it away again.
  static func with(
    _ backend: any BackendUnderTest, _ world: World, _ body: (TestedVif) throws -> Void
  ) throws {
    let handle = VifHandle(rawValue: nextHandle.add(1, ordering: .relaxed).oldValue)
    let vif = try TestedVif(handle, backend, world, makesDirectories: true)
    defer {
      vif.front.abandon()
      vif.end.retire()
    }
    do { try body(vif) } catch {
      try? vif.directories.remove(through: vif.loop, until: vif.soon)
      throw error
    }
    try vif.remove()
  }

  private init(
    _ handle: VifHandle, _ backend: any BackendUnderTest, _ world: World, makesDirectories: Bool
  ) throws {
    let path = VifPath(
      backendDomain: world.backend.domain, frontendDomain: world.frontend.domain, handle: handle)
    loop = world.loop
    stagesPages = backend.wantsStagedPages
    directories = VifDirectories(path, store: world.backend.store)
    front = Netfront(path, xen: world.frontend, loop: world.loop)
    if makesDirectories { try directories.create() }
    end = try backend.serve(path)
    try front.waitForBackend(.initWait, until: soon)
    if makesDirectories { try directories.reportHotplug() }
  }

  /// Connects; frames can travel when it returns, but no page is offered to receive into.
  ///
  /// - Parameter isCutOff: whether the backend will answer nothing.
  func connect(_ options: NetfrontOptions = NetfrontOptions(), isCutOff: Bool = false) throws {
    var options = options
    if stagesPages { options.controlRing = true }
    // Where the backend offers our private extensions, all that is sent and received uses them.
    options.headerArea = true
    options.persistentGrants = true
    try front.connect(options, until: soon)
    if stagesPages, !isCutOff {
      let pages = front.queues.reduce(0) { $0 + $1.stagedPages.count }
      try expect(front.stagePages(until: soon), is: pages, "pages staged")
    }
    senders = front.queues.map(TxSender.init)
    receivers = front.queues.map(RxReceiver.init)
    try end.bringUp()
  }

  /// Data slots that a frame of `length` octets takes.
  func slots(for length: Int, _ shape: TxShape = TxShape()) -> Int {
    shape.slots(for: length, header: front.queues[0].headerPages != nil)
  }

  /// Closes our end.
  func close() throws {
    try front.close(until: soon)
    senders = []
    receivers = []
  }

  /// Goes without a word, as a guest that is destroyed.
  func vanish() {
    senders = []
    receivers = []
    front.abandon()
  }

  private func remove() throws {
    if !front.queues.isEmpty { try close() }
    try directories.remove(through: loop, until: soon)
    try expect(front.backendState, is: .unknown, "the backend's state after the removal")
  }
}

extension TestedVif {
  /// Long enough for anything honest, even in an emulated machine.
  var soon: MonotonicInstant { loop.now.advanced(by: 20_000_000_000) }
  /// Long enough to say that an answer will not come.
  static let silence: UInt64 = 300_000_000

  /// Sends a frame on a queue and waits for the answers to all its slots.
  func send(
    _ octets: [UInt8], offload: FrameOffload = FrameOffload(), shape: TxShape = TxShape(),
    queue: Int = 0
  ) throws -> [TxResponse] {
    let packet = try senders[queue].send(octets.span.octets, offload: offload, shape: shape)
    front.queues[queue].tx.publish()
    return try answers(packet.identifiers.count + packet.extras, queue: queue)
  }

  /// Collects answers until `count` have come, or no more come.
  func answers(_ count: Int, queue: Int = 0) throws -> [TxResponse] {
    var answers: [TxResponse] = []
    try waiting {
      answers += try senders[queue].collect()
      return answers.count >= count
    }
    if answers.isEmpty, front.queues[queue].tx.isUnheard { throw DeafBackend() }
    return answers
  }

  /// Expects that nothing is answered for a while.
  func expectSilence() throws {
    rest(nanoseconds: Self.silence)
    for queue in front.queues { try expect(queue.tx.unconsumedResponses(), is: 0, "answers") }
  }

  /// Whether `condition` comes to hold, though no event may say so.
  func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = soon
    while loop.now < deadline {
      if front.wait(until: loop.now.advanced(by: 2_000_000), for: condition) { return true }
    }
    return false
  }

  /// The next frame of ours that the backend delivered; `nil` when none comes.
  func delivered() throws -> [UInt8]? {
    var frame: [UInt8]?
    try waiting {
      while frame == nil, let next = try end.takeFrame() {
        if TestFrame.isOurs(next) { frame = next }
      }
      return frame != nil
    }
    return frame
  }

  /// Gives the backend a frame for the guest.
  func give(_ octets: [UInt8]) throws { try end.send(octets.span.octets) }

  /// Whether the backend takes frames for the guest.
  var hasCarrier: Bool { end.hasCarrier }

  /// Gives a frame until the guest receives it: a host sees a little later than its backend that frames
  /// are taken again.
  func comesToReceive(_ octets: [UInt8]) throws -> Bool {
    for _ in 0..<20 {
      try? give(octets)
      if try receives(octets, until: loop.now.advanced(by: 1_000_000_000)) { return true }
    }
    return false
  }

  /// Publishes control messages together and waits for the answers.
  func ask(_ requests: [ControlRequest]) throws -> [ControlResponse] {
    guard let ring = front.control?.ring else { throw Unexpected(description: "no control ring") }
    for request in requests { ring.put(request) }
    ring.armResponseEvent()
    ring.publish()
    var answers: [ControlResponse] = []
    try waiting {
      while let taken = try ring.takeResponse() {
        answers.append(ControlResponse(words: taken.words))
      }
      ring.armResponseEvent()
      return answers.count >= requests.count
    }
    return answers
  }

  /// Takes the first words of so many answers to what was put into the ring of the first queue by
  /// hand.
  func rawAnswers(_ count: Int) throws -> [UInt32] {
    let ring = front.queues[0].tx
    var words: [UInt32] = []
    try waiting {
      while let taken = try ring.takeResponse() { words.append(taken.words[0]) }
      ring.armResponseEvent()
      return words.count >= count
    }
    return words
  }

  /// Offers all free pages to receive into.
  func offerPages() { for receiver in receivers { receiver.refill() } }

  /// The next frame of ours that the guest receives; `nil` when none comes.
  func received() throws -> ReceivedFrame? {
    var frames: [ReceivedFrame] = []
    try waiting {
      for receiver in receivers { frames += try receiver.receive().map { try $0.get() } }
      offerPages()
      frames.removeAll { !TestFrame.isOurs($0.octets) }
      return !frames.isEmpty
    }
    try expect(frames.count <= 1, "more frames than were given")
    return frames.first
  }

  /// Whether the guest comes to receive these octets, whatever it receives before.
  func receives(_ octets: [UInt8], until deadline: MonotonicInstant? = nil) throws -> Bool {
    var isThere = false
    try waiting(until: deadline) {
      for packet in try receivers.flatMap({ try $0.receive() }) {
        if case .success(let frame) = packet, frame.octets == octets { isThere = true }
      }
      offerPages()
      return isThere
    }
    return isThere
  }

  /// Lets time pass.
  func rest(nanoseconds: UInt64) {
    _ = front.wait(until: loop.now.advanced(by: nanoseconds)) { false }
  }

  private func waiting(
    until deadline: MonotonicInstant? = nil, _ done: () throws -> Bool
  ) throws {
    var failure: (any Error)?
    _ = front.wait(until: deadline ?? soon) {
      do { return try done() } catch {
        failure = error
        return true
      }
    }
    if let failure { throw failure }
  }
}
