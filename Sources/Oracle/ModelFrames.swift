/// Frames, one behind the other. Whoever forgets them keeps their room for others.
public struct ModelFrames: Sendable {
  /// The octets of all, and behind them those of the frame that is being put together.
  private var octets: [UInt8] = []
  /// Where each ends.
  private var ends: [Int] = []

  /// How many there are.
  public var count: Int { ends.count }
  /// Whether there is none.
  public var isEmpty: Bool { ends.isEmpty }
  /// The places.
  public var indices: Range<Int> { ends.indices }

  /// A frame, whole.
  public subscript(place: Int) -> Span<UInt8> {
    @_lifetime(borrow self) get { octets.span.extracting(start(of: place)..<ends[place]) }
  }

  private func start(of place: Int) -> Int { place == 0 ? 0 : ends[place - 1] }
}

// MARK: - Putting them together

extension ModelFrames {
  /// The frame that is being put together, as far as it goes.
  var unfinished: Span<UInt8> {
    @_lifetime(borrow self) get { octets.span.extracting(start(of: count)...) }
  }

  /// Puts octets behind those of the unfinished frame.
  mutating func append(_ piece: ArraySlice<UInt8>) { octets += piece }

  /// Changes an octet of the unfinished frame.
  mutating func set(_ octet: UInt8, at place: Int) { octets[start(of: count) + place] = octet }

  /// It is whole.
  mutating func finish() { ends.append(octets.count) }

  /// It comes to nothing.
  mutating func abandon() { octets.removeSubrange(start(of: count)...) }

  /// Forgets all frames.
  mutating func forget() {
    octets.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }
}
