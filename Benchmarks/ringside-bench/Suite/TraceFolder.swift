import Foundation

/// Peers that record, read and replay what a trace has, and the files that they need.
final class TraceFolder {
  /// What of the events is recorded.
  enum Kind { case whole, bare }

  private let folder: BenchFolder
  private let capture: FrameCapture
  private var recorders: [Kind: Lttng] = [:]

  init(_ events: LoadedEvents, _ scale: BenchScale) throws {
    folder = try BenchFolder()
    capture = try FrameCapture(of: scale.trace, times: scale.share(of: 10), in: folder)
  }

  /// LTTng-UST, recording events.
  func record(_ events: LoadedEvents, _ kind: Kind, times: Int) throws -> BenchRound {
    let recorder = try recorders[kind] ?? Lttng(events)
    recorders[kind] = recorder
    return { try recorder.round(times: times) }
  }

  /// babeltrace2, reading what LTTng-UST recorded of them; it must find them all.
  func scan(_ events: LoadedEvents, times: Int) throws -> BenchRound {
    let recorder = try recorders[.whole] ?? Lttng(events)
    recorders[.whole] = recorder
    _ = try recorder.round(times: times)
    return { [folder] in
      let run = try ProgramRun(
        ["babeltrace2", recorder.recording, "--component=sink.utils.counter"],
        output: folder.url.appending(path: "counted"))
      guard run.output.contains(" \(events.count * times) Event messages") else {
        throw PeerFault.different("LTTng-UST lost events, or babeltrace2 did")
      }
      return Double(events.count * times) / run.processor / 1e6
    }
  }

  /// tcpreplay, sending the frames to the loopback interface.
  func tcpreplay() throws -> BenchRound {
    guard geteuid() == 0 else { throw PeerFault.needs("root, for tcpreplay") }
    return { [capture] in
      let run = try ProgramRun(
        ["tcpreplay", "--quiet", "--topspeed", "--preload-pcap", "--intf1=lo", capture.path])
      return Double(capture.frames) / run.processor / 1e6
    }
  }

  /// fio, replaying as many reads of 4 KiB on an engine that does nothing.
  func fio() throws -> BenchRound {
    let log = folder.url.appending(path: "reads")
    let reads = 200_000
    let lines = (0..<reads).map { "/dev/null read \($0 % 1024 * 4096) 4096\n" }
    try Data(("fio version 2 iolog\n/dev/null add\n/dev/null open\n" + lines.joined()).utf8).write(
      to: log)
    return {
      let run = try ProgramRun([
        "fio", "--name=replay", "--ioengine=null", "--thread", "--read_iolog=\(log.path)",
      ])
      return Double(reads) / run.processor / 1e6
    }
  }
}
