/// Plain values, one behind the other, that nobody shares. Its room is used again and again.
///
/// An array asks before each change whether somebody else holds it; where a few are changed for each
/// slot of a ring, that is much of the work.
@safe public struct PlainList<Element: BitwiseCopyable>: ~Copyable {
  // SAFETY: room for `capacity` elements, ours alone; the first `filled` are initialised.
  @usableFromInline var base: UnsafeMutablePointer<Element>
  @usableFromInline var capacity: Int
  @usableFromInline var filled = 0

  /// Makes room for some values; more is made when it does not do.
  public init(room: Int) {
    capacity = max(room, 1)
    unsafe base = .allocate(capacity: capacity)
  }

  /// Makes a list of `count` times the same.
  public init(repeating element: Element, count: Int) {
    self.init(room: count)
    for _ in 0..<count { append(element) }
  }

  // SAFETY: plain values need no end of their own, and nothing points into the room any more.
  deinit { unsafe base.deallocate() }

  @usableFromInline @inline(never) mutating func grow() {
    // SAFETY: the new room takes what the old one has, which nobody else knows.
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: 2 * capacity)
    unsafe larger.moveInitialize(from: base, count: filled)
    unsafe base.deallocate()
    unsafe base = larger
    capacity *= 2
  }
}

extension PlainList {
  /// Number of values.
  @inlinable public var count: Int { filled }
  /// Whether there is none.
  @inlinable public var isEmpty: Bool { filled == 0 }
  /// The places.
  @inlinable public var indices: Range<Int> { unsafe Range(uncheckedBounds: (0, filled)) }
  /// The values, for somebody who keeps them.
  @inlinable public var elements: [Element] {
    // SAFETY: initialised up to `filled`, and copied before anybody changes them.
    unsafe Array(UnsafeBufferPointer(start: base, count: filled))
  }

  /// Makes `target` hold the values and nothing else.
  @inlinable public func copy(into target: inout [Element]) {
    target.removeAll(keepingCapacity: true)
    // SAFETY: as in `elements`.
    unsafe target.append(contentsOf: UnsafeBufferPointer(start: base, count: filled))
  }

  /// The value at a place.
  ///
  /// - Precondition: `place` is less than `count`.
  @inlinable public subscript(place: Int) -> Element {
    @inline(__always) get {
      precondition(place >= 0 && place < filled)
      // SAFETY: initialised, by the line above.
      return unsafe base[place]
    }
    @inline(__always) set {
      precondition(place >= 0 && place < filled)
      // SAFETY: initialised, by the line above.
      unsafe base[place] = newValue
    }
  }

  /// Puts a value behind the others.
  @inlinable @inline(__always) public mutating func append(_ element: Element) {
    if filled == capacity { grow() }
    // SAFETY: there is room now.
    unsafe (base + filled).initialize(to: element)
    filled &+= 1
  }

  /// Forgets the values and keeps their room.
  @inlinable public mutating func removeAll() { filled = 0 }

  /// Forgets the values behind the first `count`.
  ///
  /// - Precondition: there are as many.
  @inlinable public mutating func keep(first count: Int) {
    precondition(count >= 0 && count <= filled)
    filled = count
  }

  /// The values, to be looked at.
  public var span: Span<Element> {
    @_lifetime(borrow self) @inlinable get {
      // SAFETY: initialised up to `filled`, and nobody changes them while `self` is borrowed.
      let span = unsafe Span(_unsafeStart: base, count: filled)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  @inlinable mutating func sortAll(by isBefore: (Element, Element) -> Bool) {
    // SAFETY: initialised up to `filled`, and ours alone while `self` is changed.
    var values = unsafe UnsafeMutableBufferPointer(start: base, count: filled)
    unsafe values.sort(by: isBefore)
  }

  /// The values, to be changed in place.
  public var mutableSpan: MutableSpan<Element> {
    @_lifetime(&self) @inlinable mutating get {
      // SAFETY: initialised up to `filled`, and ours alone while `self` is changed.
      let span = unsafe MutableSpan(_unsafeStart: base, count: filled)
      return unsafe _overrideLifetime(span, mutating: &self)
    }
  }
}
