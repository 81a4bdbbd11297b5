extension [UInt8] {
  /// Writes over four octets.
  ///
  /// - Precondition: they are there.
  mutating func set(littleEndian value: UInt32, at place: Int) {
    for octet in 0..<4 { self[place + octet] = UInt8(truncatingIfNeeded: value >> (8 * octet)) }
  }

  /// Fills up with zeros to a multiple of four octets.
  mutating func pad() { while count % 4 != 0 { append(0) } }
}
