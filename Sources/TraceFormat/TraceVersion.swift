/// The version of the file format, as the header of every trace states it.
public enum TraceVersion {
  /// Raised when a reader of the old version would misread the file. Development builds of a
  /// format that is not settled yet write 999, which no release reads.
  public static var major: UInt16 { 1 }
  /// Raised when something is added that an older reader skips.
  public static var minor: UInt16 { 0 }
}

/// Sizes beyond which a file is refused, whatever it says of itself.
public enum TraceLimits {
  /// Octets of payload beside one event.
  public static var payload: Int { 1 << 20 }
  /// Octets of the header after its preamble.
  public static var header: Int { 4 << 20 }
  /// Octets of a block's columns before compression. Writers close a block at a quarter of it.
  public static var columns: Int { 1 << 20 }
  /// Octets of a block's payload before compression. Writers close a block at half of it.
  public static var blockPayload: Int { 8 << 20 }
  /// Octets of payload that a block's events may gather out of its payload.
  public static var gathered: Int { 16 << 20 }
  /// Ranges of a block's payload that one event's payload may be gathered from.
  public static var pieces: Int { 64 }
  /// Pairs of vif and queue that a block may speak of.
  public static var lanes: Int { 256 }
  /// Octets of an index.
  public static var index: Int { 16 << 20 }
  /// Octets of a line of the text form.
  public static var line: Int { 64 << 10 }
}
