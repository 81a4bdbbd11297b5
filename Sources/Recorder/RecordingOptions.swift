public import TraceFormat

/// Bounds of a recording, or of one file of a ring. What is `nil` has no bound.
public struct RecordingLimits: Hashable, Sendable {
  /// Nanoseconds (`-a duration:S`).
  public var nanoseconds: UInt64?
  /// Octets of the file (`-a filesize:KB`, a thousand octets each).
  public var octets: UInt64?
  /// Packets of both directions (`-a packets:N`, `-c N`).
  public var packets: UInt64?

  /// Describes bounds; none by default.
  public init(nanoseconds: UInt64? = nil, octets: UInt64? = nil, packets: UInt64? = nil) {
    self.nanoseconds = nanoseconds
    self.octets = octets
    self.packets = packets
  }

  /// The first bound that `progress` has reached.
  func reached(by progress: RecordingProgress) -> StopReason? {
    if let nanoseconds, progress.nanoseconds >= nanoseconds { return .duration }
    if let octets, progress.octets >= octets { return .octets }
    if let packets, progress.packets >= packets { return .packets }
    return nil
  }
}

/// Why a recording ended.
public enum StopReason: Hashable, Sendable {
  /// Its time was over.
  case duration
  /// The file had reached its size.
  case octets
  /// Enough packets were seen.
  case packets
  /// Enough files were written around triggers.
  case files
  /// The trace could not be written any more.
  case failure(RecorderError)
}

/// How a recording is made.
public struct RecordingOptions: Hashable, Sendable {
  /// When to stop.
  public var stop: RecordingLimits
  /// When to begin a new file (`-b`); `nil` for one file.
  public var newFile: RecordingLimits?
  /// Files to keep (`-b files:N`); `nil` for all.
  public var files: Int?
  /// zlib's level while events come in, 1 (fast) to 9 (small).
  public var level: Int32
  /// zlib's level when the blocks of a file are merged at its end.
  public var mergedLevel: Int32
  /// Whether a thread of its own compresses and writes. The bounds in octets then look at what it
  /// has written so far, so where they strike hangs on its pace.
  public var usesThread: Bool
  /// Whether the files are memory. Then no block goes on its way for its age, a file goes on from where
  /// the last one ended, and a new one begins on time even if events are lost over it.
  public var staysInMemory: Bool

  /// Describes a recording into one file that goes on until it is stopped.
  public init(
    stop: RecordingLimits = RecordingLimits(), newFile: RecordingLimits? = nil,
    files: Int? = nil, level: Int32 = 6, mergedLevel: Int32 = 6, usesThread: Bool = false,
    staysInMemory: Bool = false
  ) {
    self.stop = stop
    self.newFile = newFile
    self.files = files
    self.level = level
    self.mergedLevel = mergedLevel
    self.usesThread = usesThread
    self.staysInMemory = staysInMemory
  }

  /// The same beside a live backend, which is to have the processor's time: a thread writes, and
  /// takes little trouble over it.
  public var besideBackend: RecordingOptions {
    var options = self
    options.usesThread = true
    options.level = 1
    return options
  }
}

/// Where the files of a recording are made.
public protocol RecordingFiles: AnyObject {
  /// Makes file `number`, counted from 0. One file only is written at a time.
  func make(_ number: Int) throws(RecorderError) -> any RecordingFile
  /// Who looks on while they are written.
  var watch: (any RecordingWatch)? { get }
}

extension RecordingFiles {
  /// Nobody does.
  public var watch: (any RecordingWatch)? { nil }
}

/// A file of a recording. It is complete when it was written to the end and let go of.
public protocol RecordingFile: AnyObject {
  /// What takes its octets.
  var sink: any ByteSink { get }
  /// Merges the small blocks of a file that was written to its end. Where that cannot be done, for
  /// want of room or because it is a pipe, the file stays as it is.
  ///
  /// - Returns: what is in it now; nil when it stayed as it was.
  func merge(level: Int32) -> TraceStatistics?
  /// Takes the file away: it will never hold a whole trace, or a ring of files has gone past it.
  func discard()
}

/// Why a recording could not begin or go on.
public enum RecorderError: Error, Hashable, Sendable {
  /// The file, or the thread that writes it, could not be made; the payload is the operating system's error number.
  case cannotMake(Int32)
  /// The trace could not be written: a full disk, a closed pipe, a value out of bounds.
  case cannotWrite(TraceWriteError)
}
