import Oracle

/// What the guest has sent and what came for it, as far as it must come to an end.
///
/// Only of rings as an honest guest makes them is anything expected: a backend that was told of others may do
/// with them what it likes.
struct LifeTraffic {
  private struct Queue {
    /// Sent, and not taken yet.
    var sent: [LifePacket] = []
    /// Taken and held: answered when they are let go of.
    var held = 0
    /// Answers that are due.
    var due = 0
    /// Frames for the guest that are due.
    var frames: [[UInt8]] = []
  }

  private var queues: [Queue] = []
  private var number: UInt16 = 0
  /// Frames that somebody holds, those of rings that are gone too.
  private(set) var heldFrames = 0
  /// Those of the rings that the backend has.
  private(set) var heldCount = 0
  /// Frames of the guest's that are due at whoever gets them.
  private var coming: [LifePacket] = []
  /// Whether nothing is expected of these rings. A packet there would take back what a ring claims, for which a
  /// guest is cut off, and stays so.
  private(set) var isSpoiled = false
  /// Whether these rings were attached once.
  private(set) var wasAttached = false
  /// Whether the backend serves them as they are.
  private(set) var isServed = false
  /// Whether the guest gets the frames of the group.
  private(set) var hasJoined = false

  /// Other rings.
  mutating func restart(queues count: Int) {
    queues = Array(repeating: Queue(), count: count)
    (isSpoiled, wasAttached, isServed, hasJoined) = (false, false, false, false)
  }

  /// Nothing is expected of these rings any more.
  mutating func spoil() { isSpoiled = true }

  /// The backend has let go of them.
  mutating func detach() {
    (isServed, hasJoined, heldCount) = (false, false, 0)
    guard wasAttached else { return }
    for place in queues.indices { queues[place] = Queue() }
    spoil()
  }

  /// A number that no packet has had for long.
  mutating func nextNumber() -> UInt16 {
    number &+= 1
    return number
  }

  mutating func add(_ packet: LifePacket, queue: Int) { queues[queue].sent.append(packet) }

  mutating func expect(_ frame: [UInt8], queue: Int) { queues[queue].frames.append(frame) }

  /// Follows what the model says of the connection.
  ///
  /// - Parameter isHonest: whether the keys lead to the rings as they are.
  mutating func follow(_ before: XenbusModel, _ model: XenbusModel, isHonest: () -> Bool) {
    if model.connections != before.connections || model.queues == 0, before.queues > 0 { detach() }
    if model.connections != before.connections, model.queues > 0 {
      isServed = !isSpoiled && !wasAttached && isHonest()
      wasAttached = true
    }
    guard isServed, !model.isLeaving else { return }
    for place in queues.indices { take(place) }
  }

  /// A queue's packets are taken.
  private mutating func take(_ place: Int) {
    for packet in queues[place].sent {
      switch packet.kind {
      case .held: queues[place].held += 1
      case .plain: queues[place].due += 1
      case .join:
        queues[place].due += 1
        hasJoined = true
        continue
      }
      coming.append(packet)
    }
    let held = queues[place].sent.count { $0.kind == .held }
    heldFrames += held
    heldCount += held
    queues[place].sent = []
  }

  /// Whoever holds frames lets them go.
  mutating func release() {
    for place in queues.indices {
      queues[place].due += queues[place].held
      queues[place].held = 0
    }
    (heldFrames, heldCount) = (0, 0)
  }
}

// MARK: - What is due

extension LifeTraffic {
  /// Whether anything is due.
  var isDue: Bool {
    !coming.isEmpty || queues.contains { $0.due > 0 || !$0.frames.isEmpty }
  }

  /// Whether a queue got as much as was due.
  func isDone(_ place: Int, answers: Int, frames: Int) -> Bool {
    answers >= queues[place].due && frames >= queues[place].frames.count
  }

  /// Compares with what a queue got.
  ///
  /// - Returns: what is not as it ought to be.
  mutating func check(_ place: Int, answers: Int, frames: [[UInt8]]) -> LifeFault? {
    defer { (queues[place].due, queues[place].frames) = (0, []) }
    let queue = queues[place]
    if answers != queue.due { return .answers(queue: place, wanted: queue.due, got: answers) }
    let right = zip(frames, queue.frames).count { $0 == $1 }
    guard right == queue.frames.count, frames.count == right else {
      let got = frames.count > queue.frames.count ? frames.count : right
      return .received(queue: place, wanted: queue.frames.count, got: got)
    }
    return nil
  }

  /// Compares with the frames that came from the guest; those of several queues come in any order.
  mutating func check(came: [LifePacket?]) -> LifeFault? {
    defer { coming = [] }
    var missing = coming
    var strange = 0
    for packet in came {
      if let place = missing.firstIndex(where: { $0 == packet }) {
        missing.remove(at: place)
      } else {
        strange += 1
      }
    }
    guard !missing.isEmpty || strange > 0 else { return nil }
    return .frames(wanted: coming.count, got: coming.count - missing.count + strange)
  }
}
