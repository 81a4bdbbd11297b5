public import TraceFormat
import XenRing

/// Takes a trace as it is written, and writes it on as a pcapng file.
///
/// It goes by whole blocks: what a recorder has sent on its way, which is a second old at most.
public final class CaptureStream: ByteSink {
  private let arrived = ArrivedOctets()
  private let sink: any ByteSink
  private var reader: TraceReader?
  private var writer: CaptureWriter?
  /// What is wrong with the trace; `nil` as long as nothing is.
  public private(set) var fault: TraceError?

  /// Writes to a sink, once the trace's header has come.
  public init(to sink: any ByteSink) { self.sink = sink }

  /// See `ByteSink`.
  public func write(_ octets: RawSpan) throws(TransferError) {
    arrived.append(octets)
    do throws(TraceWriteError) {
      try begin()
      try pass()
      try writer?.flush()
    } catch { throw error.transfer }
    arrived.forget(before: reader?.readOctets ?? 0)
  }

  /// Writes the end.
  public func finish() throws(TransferError) {
    do throws(TraceWriteError) { try writer.take()?.finish() } catch { throw error.transfer }
  }

  private func begin() throws(TraceWriteError) {
    guard reader == nil, fault == nil else { return }
    do throws(TraceError) {
      reader = try TraceReader(arrived)
    } catch {
      guard case .truncated = error else { return fault = error }
      return
    }
    if let header = reader?.header { writer = try CaptureWriter(header, to: sink) }
  }

  private func pass() throws(TraceWriteError) {
    reader?.resume()
    while let event = next() {
      guard let payload = reader?.payload.array else { return }
      try writer?.append(event, payload: payload.span.octets)
    }
  }

  private func next() -> TraceEvent? {
    guard fault == nil else { return nil }
    do throws(TraceError) { return try reader?.next() } catch {
      fault = error
      return nil
    }
  }
}

/// Octets that have come so far, without those that were read and are not needed any more.
private final class ArrivedOctets: ByteSource {
  /// More may come.
  let length: UInt64? = nil
  private var octets: [UInt8] = []
  /// Octets before those.
  private var forgotten: UInt64 = 0

  func append(_ more: RawSpan) { octets.append(octets: more) }

  func forget(before offset: UInt64) {
    let count = min(Int(clamping: offset - min(offset, forgotten)), octets.count)
    octets.removeFirst(count)
    forgotten += UInt64(count)
  }

  func read(
    at offset: UInt64, into buffer: inout MutableRawSpan
  ) throws(TransferError) -> Int {
    guard offset >= forgotten, offset - forgotten < UInt64(octets.count) else { return 0 }
    let there = octets[Int(offset - forgotten)...].prefix(buffer.byteCount)
    buffer.setOctets(there.span.octets, at: 0)
    return there.count
  }
}

extension TraceWriteError {
  /// As a sink says it. What is no transfer's fault is an input or output error (C constant `EIO`).
  fileprivate var transfer: TransferError {
    if case .transfer(let error) = self { error } else { TransferError(code: 5) }
  }
}
