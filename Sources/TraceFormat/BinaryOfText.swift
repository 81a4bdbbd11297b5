internal import XenRing

/// The binary form of a trace in its text form, made as it is read; what was read is let go of.
///
/// It can be read again from its beginning if the text can.
public final class BinaryOfText: ByteSource {
  private let text: any ByteSource
  /// What is wrong with the text, once a read has failed by it.
  public private(set) var failure: TraceTextError?
  private var transcription: Transcription?
  private var made = PassingSink()

  /// Takes the text; it is not read yet.
  public init(_ text: any ByteSource) { self.text = text }

  /// See `ByteSource`; not known before all is made.
  public var length: UInt64? { nil }

  /// See `ByteSource`.
  ///
  /// - Throws: `TransferError.badText` where `failure` says what is wrong with the text.
  public func read(
    at offset: UInt64, into buffer: inout MutableRawSpan
  ) throws(TransferError) -> Int {
    do throws(TraceTextError) {
      try make(upTo: offset &+ UInt64(buffer.byteCount), keepingFrom: offset)
    } catch {
      if case .readableFile(let error) = error.expected { throw error }
      failure = error
      throw .badText
    }
    return made.read(into: &buffer)
  }

  private func make(upTo end: UInt64, keepingFrom offset: UInt64) throws(TraceTextError) {
    if transcription == nil || offset < made.begin {
      transcription = nil
      made = PassingSink()
      transcription = try Transcription(of: text, into: made)
    }
    made.pass(to: offset)
    while made.end < end, try transcription?.goOn() == true { made.pass(to: offset) }
  }
}

extension TransferError {
  /// A text that octets are made of is not what it should be: EBADMSG.
  public static var badText: TransferError { TransferError(code: 74) }
}

/// A text on its way into the binary form.
private struct Transcription: ~Copyable {
  private var reader: TraceTextReader
  private var writer: TraceWriter?

  init(of text: any ByteSource, into sink: any ByteSink) throws(TraceTextError) {
    let reader = try TraceTextReader(text)
    // It is read at once: compressing it would only take time.
    do throws(TraceWriteError) { writer = try TraceWriter(reader.header, to: sink, level: 0) } catch
    {
      throw reader.missing(.shorter)
    }
    self.reader = reader
  }

  /// Writes the next event, or the end; false when that was written.
  mutating func goOn() throws(TraceTextError) -> Bool {
    let event = try reader.next()
    do throws(TraceWriteError) {
      if let event {
        try writer?.append(event, payload: reader.payload)
        return true
      }
      return try writer.take()?.finish() != nil
    } catch { throw reader.missing(.shorter) }
  }
}

/// Keeps octets that were written and not read yet.
private final class PassingSink: ByteSink {
  private var octets: [UInt8] = []
  /// Offset of the first that is kept.
  private(set) var begin: UInt64 = 0
  /// Offset behind the last.
  var end: UInt64 { begin + UInt64(octets.count) }

  func write(_ octets: RawSpan) throws(TransferError) { self.octets.append(octets: octets) }

  /// Lets go of what stands before an offset.
  func pass(to offset: UInt64) {
    let count = min(offset - min(begin, offset), UInt64(octets.count))
    octets.removeFirst(Int(count))
    begin += count
  }

  /// Takes the first ones, and keeps them.
  func read(into buffer: inout MutableRawSpan) -> Int {
    let count = min(buffer.byteCount, octets.count)
    let held = octets
    buffer.setOctets(held.span.octets.extracting(0..<count), at: 0)
    return count
  }
}
