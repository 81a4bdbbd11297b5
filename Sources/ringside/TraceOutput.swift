internal import CaptureFormat
internal import PerfettoExport
internal import TraceFiles
internal import TraceFormat

/// Where a trace is written, in either form.
final class TraceOutput {
  /// Where it goes, and in which form.
  enum Target {
    /// The text form on standard output.
    case text
    /// A JSON object for each event on standard output.
    case objects
    /// A file, or standard output for `-`; its ending chooses the form.
    case file(String)
  }

  private enum Form {
    case binary, text
    /// For Wireshark.
    case capture
    /// For ui.perfetto.dev.
    case perfetto

    /// That of a file.
    init(ofPath path: String) {
      self =
        switch path.split(separator: ".").last {
        case "ringtext": .text
        case "pcapng": .capture
        case "perfetto-trace": .perfetto
        default: .binary
        }
    }
  }

  private let name: String
  private var binary: TraceWriter?
  private var text: TraceTextWriter?
  private var capture: CaptureWriter?
  private var perfetto: PerfettoWriter?

  /// Opens the target and writes the header.
  init(_ target: Target, _ header: TraceHeader) throws(CommandFailure) {
    switch target {
    case .text:
      name = "standard output"
      try begin(header, to: FileSink(), as: .text)
    case .objects:
      name = "standard output"
      try begin(header, to: ObjectSink(), as: .text)
    case .file("-"):
      name = "standard output"
      try begin(header, to: FileSink(), as: .binary)
    case .file(let path):
      name = path
      let sink = try Self.make(path)
      do throws(CommandFailure) {
        try begin(header, to: sink, as: Form(ofPath: path))
      } catch {
        sink.discard()
        throw error
      }
    }
  }

  private func begin(
    _ header: TraceHeader, to sink: any ByteSink, as form: Form
  ) throws(CommandFailure) {
    do throws(TraceWriteError) {
      switch form {
      case .binary:
        binary = TraceWriter(header, through: try Self.thread(BlockPacker(header, to: sink)))
      case .text: text = try TraceTextWriter(header, to: sink)
      case .capture: capture = try CaptureWriter(header, to: sink)
      case .perfetto: perfetto = try PerfettoWriter(header, to: sink)
      }
    } catch { throw error.failure(name) }
  }

  /// The thread that compresses and writes while more is read.
  private static func thread(_ packer: BlockPacker) throws(TraceWriteError) -> BlockThread {
    do throws(TransferError) { return try BlockThread(packer) } catch { throw .transfer(error) }
  }

  private static func make(_ path: String) throws(CommandFailure) -> FileSink {
    do throws(TransferError) { return try FileSink(path: path) } catch {
      throw TraceWriteError.transfer(error).failure(path)
    }
  }

  /// Writes an event.
  func append(_ event: TraceEvent, payload: RawSpan) throws(CommandFailure) {
    do throws(TraceWriteError) {
      try binary?.append(event, payload: payload)
      try text?.append(event, payload: payload)
      try capture?.append(event, payload: payload)
      try perfetto?.append(event, payload: payload)
    } catch { throw error.failure(name) }
  }

  /// Writes the end.
  func finish() throws(CommandFailure) {
    do throws(TraceWriteError) {
      _ = try binary.take()?.finish()
      try text.take()?.finish()
      try capture.take()?.finish()
      if let omitted = try perfetto.take()?.finish(), omitted > 0 {
        Console.note(
          "ringside: \(name): shows \(PerfettoWriter.mostRings) rings; "
            + "\(omitted) events are of others")
      }
    } catch { throw error.failure(name) }
  }
}

extension TraceWriteError {
  /// The line and the exit code for what went wrong with `name`.
  func failure(_ name: String) -> CommandFailure {
    guard case .transfer(let error) = self else {
      return CommandFailure(.refused, "\(name): more than a trace can hold (\(self))")
    }
    return CommandFailure(.refused, "\(name): \(Console.errorText(error.code))")
  }
}
