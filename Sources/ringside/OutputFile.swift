internal import TraceFiles
internal import TraceFormat
internal import XenRing

/// A file that is written in one go.
enum OutputFile {
  /// Writes it, or leaves none behind.
  static func write(_ octets: [UInt8], to path: String) throws(CommandFailure) {
    do throws(TransferError) {
      let sink = try FileSink(path: path)
      do throws(TransferError) { try sink.write(octets.span.octets) } catch {
        sink.discard()
        throw error
      }
    } catch {
      throw CommandFailure(.refused, "\(path): \(Console.errorText(error.code))")
    }
  }
}
