import XenInterface
import XenRing

/// Frames that leave a vif together, and where their octets are. Valid during a call only.
///
/// A frame's first octets, or all, lie in memory of the backend's; what follows lies in fragments.
public struct FrameBatch: ~Escapable {
  /// The frames, in the order of their packets.
  public let frames: Span<TxFrame>
  /// Where what was copied of the frames lies.
  let octets: RawSpan
  private let allFragments: Span<FrameFragment>
  private let keeper: FrameKeeper?

  /// Gathers frames.
  ///
  /// - Precondition: the ranges of `frames` lie in `octets` and `fragments`.
  @_lifetime(copy frames, copy octets, copy fragments)
  public init(_ frames: Span<TxFrame>, octets: RawSpan, fragments: Span<FrameFragment>) {
    self.init(frames, octets: octets, fragments: fragments, keeper: nil)
  }

  @_lifetime(copy frames, copy octets, copy fragments)
  init(
    _ frames: Span<TxFrame>, octets: RawSpan, fragments: Span<FrameFragment>, keeper: FrameKeeper?
  ) {
    self.frames = frames
    self.octets = octets
    allFragments = fragments
    self.keeper = keeper
  }

  /// The octets of a frame that the backend has copied: its first ones.
  @_lifetime(copy self)
  public func linear(_ frame: TxFrame) -> RawSpan { octets.extracting(frame.linear) }

  /// The pieces that lie behind them, in order.
  @_lifetime(copy self)
  public func fragments(_ frame: TxFrame) -> Span<FrameFragment> {
    allFragments.extracting(frame.fragments)
  }

  /// Whose pages the fragments are; `nil` when no frame has any.
  var source: DomainID? { allFragments.isEmpty ? nil : allFragments[0].mapping.domain }

  /// Some of the frames alone.
  @_lifetime(copy self)
  public func extracting(_ range: Range<Int>) -> FrameBatch {
    FrameBatch(
      frames.extracting(range), octets: octets, fragments: allFragments, keeper: keeper)
  }

  /// Some frames that are this batch's.
  @_lifetime(copy self, copy frames)
  public func choosing(_ frames: Span<TxFrame>) -> FrameBatch {
    FrameBatch(frames, octets: octets, fragments: allFragments, keeper: keeper)
  }

  /// Keeps a frame beyond this call; its slots are answered when the held frame ends.
  ///
  /// - Returns: `nil` when it cannot be kept: the vif answers in ring order, as many frames are held as
  ///   may be (`VifConfiguration.heldFrames`), or its pages cannot be mapped. It is to be gathered
  ///   then, if its octets are wanted later.
  public func keep(_ frame: TxFrame) -> HeldFrame? { keeper?.hold(frame, of: self) }

  /// Runs `body` over all octets of a frame, which are gathered in `room` when they lie in pieces.
  ///
  /// - Returns: what `body` does; `nil` when a piece cannot be reached.
  public func withOctets<Result>(
    of frame: TxFrame, gatheredIn room: inout [UInt8], _ body: (RawSpan) -> Result
  ) -> Result? {
    withOctets(of: frame, gatheredIn: &room, touching: true, body)
  }

  /// The same, for a tap: what it reads does not count as touched.
  func withOctets<Result>(
    of frame: TxFrame, gatheredIn room: inout [UInt8], touching: Bool, _ body: (RawSpan) -> Result
  ) -> Result? {
    guard !frame.fragments.isEmpty else { return body(linear(frame)) }
    return gather(frame, in: &room, touching: touching) ? body(room.span.octets) : nil
  }

  /// Makes `room` hold a frame's octets and nothing else.
  ///
  /// - Returns: whether all of them could be reached: a guest may withdraw a page before anyone has
  ///   mapped it (`DataPath.lazy`).
  public func gather(_ frame: TxFrame, in room: inout [UInt8]) -> Bool {
    gather(frame, in: &room, touching: true)
  }

  private func gather(
    _ frame: TxFrame, in room: inout [UInt8], touching: Bool
  ) -> Bool {
    room.removeAll(keepingCapacity: true)
    room.append(octets: linear(frame))
    let pieces = fragments(frame)
    for place in pieces.indices {
      guard room.append(pieces[place], touching: touching) else { return false }
    }
    return true
  }

  /// Runs `body` over the frames without fragments, beside what they lie in. They are gathered in
  /// `room` when one has fragments; one that cannot be reached is left out.
  public func withLinearFrames(
    gatheredIn room: inout GatheredFrames, _ body: (Span<TxFrame>, RawSpan) -> Void
  ) {
    var hasFragments = false
    for place in frames.indices where frames[place].fragmentCount > 0 { hasFragments = true }
    guard hasFragments else { return body(frames, octets) }
    room.gather(self)
    body(room.frames.span, room.octets.span.octets)
  }
}

/// Frames whose octets were gathered from a batch, one behind the other. Reused from batch to batch.
public struct GatheredFrames {
  fileprivate private(set) var frames: [TxFrame] = []
  fileprivate private(set) var octets: [UInt8] = []
  private var room: [UInt8] = []

  /// Has no memory yet.
  public init() {}

  fileprivate mutating func gather(_ batch: FrameBatch) {
    frames.removeAll(keepingCapacity: true)
    octets.removeAll(keepingCapacity: true)
    for place in batch.frames.indices {
      let frame = batch.frames[place]
      guard batch.gather(frame, in: &room) else { continue }
      frames.append(
        TxFrame(
          head: frame.head, start: UInt32(octets.count), length: frame.length,
          offload: frame.offload))
      octets.append(contentsOf: room)
    }
  }
}
