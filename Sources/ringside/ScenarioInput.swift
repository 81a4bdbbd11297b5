internal import Fuzzer
internal import TraceFiles
internal import TraceFormat
internal import XenRing

extension TraceInput {
  /// Reads a scenario: its text form, or any octets, such as a fuzzer's crash file.
  func scenario() throws(CommandFailure) -> Scenario {
    let opened = try open()
    let source: PeekedSource
    do throws(TransferError) {
      source = try PeekedSource(opened, count: Scenario.title.utf8.count)
    } catch { throw failure(.transfer(error)) }
    guard source.start == Array(Scenario.title.utf8) else {
      return Scenario(octets: try octets(source))
    }
    do throws(TraceTextError) { return try Scenario(text: source) } catch { throw failure(error) }
  }

  private func octets(_ source: PeekedSource) throws(CommandFailure) -> [UInt8] {
    var octets: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 4096)
    while octets.count < Scenario.octetLimit {
      let count: Int
      do throws(TransferError) {
        var span = room.mutableSpan
        var bytes = span.octets
        count = try source.read(at: UInt64(octets.count), into: &bytes)
      } catch { throw failure(.transfer(error)) }
      guard count > 0 else { break }
      octets += room.prefix(count)
    }
    guard !octets.isEmpty else {
      throw CommandFailure(.badInput, "\(name): empty, not a scenario")
    }
    return octets
  }
}
