internal import Foundation
internal import Testing

/// Parts of a trace, by places that are counted from its beginning or from its end.
@Suite struct ShowPlacesTests {
  let folder: ScratchFolder
  /// A thousand events in blocks of ten, a millisecond apart.
  let path: String

  init() throws {
    folder = try ScratchFolder()
    path = try folder.write("many.ringtrace", SampleTrace.octets(eventsPerBlock: 10))
  }

  private func events(_ places: [String], of path: String) throws -> [Substring] {
    let run = try CommandRun(["show", "--text"] + places + [path])
    #expect(run.code == 0)
    return Array(run.output.split(separator: "\n").drop { $0 != "events" }.dropFirst())
  }

  @Test(arguments: [
    (["--from", "455", "--to", "475"], 455..<475), (["--from", "0.9895s"], 990..<1_000),
    (["--from", "-5"], 995..<1_000), (["--from", "-0.1s"], 899..<1_000),
    (["--from=-20", "--to=-0.01s"], 980..<989), (["--to", "-995"], 0..<5),
    (["--from", "-5000", "--to", "1"], 0..<1), (["--from", "1000"], 0..<0),
    (["--from", "-0"], 0..<0), (["--from", "-packet:5", "--to", "1"], 0..<1),
    (["--from", "packet:0", "--to", "-packet:0"], 0..<0),
  ])
  func `a part is that of the whole`(_ places: [String], _ part: Range<Int>) throws {
    #expect(try events(places, of: path) == Array(events([], of: path)[part]))
  }

  @Test(arguments: [10, 200])
  func `a trace without its index has the same parts`(_ missing: Int) throws {
    let cut = try folder.write(
      "cut.ringtrace", Data(contentsOf: URL(filePath: path)).dropLast(missing))
    #expect(try events(["--from", "-5"], of: cut) == events(["--from", "-5"], of: path))
  }

  @Test func `the text form has the same parts`() throws {
    let text = folder.path("many.ringtext")
    #expect(try CommandRun("show", path, "-w", text).code == 0)
    #expect(try events(["--from", "-0.005s"], of: text) == events(["--from", "994"], of: path))
  }

  @Test func `what stands between the first block and the place is not read`() throws {
    var octets = try Data(contentsOf: URL(filePath: path))
    octets[octets.count / 3] ^= 1
    let damaged = try folder.write("damaged.ringtrace", octets)
    #expect(try CommandRun("show", damaged).code == 2)
    #expect(try events(["--from", "-1"], of: damaged).count == 1)
    #expect(try events(["--from", "0.99s"], of: damaged).count == 10)
  }

  @Test func `sizes of the whole trace are not said of a part`() throws {
    let part = try CommandRun("show", "--json", "--from", "-5", path).output
    #expect(part.contains("\"events\":5"))
    #expect(!part.contains("octets"))
    #expect(try CommandRun("show", "--json", "--from", "5", path).output.contains("\"octets\":"))
  }

  @Test func `a place from the end of a pipe is refused in one line`() throws {
    // A device is like a pipe: it has no length.
    let run = try CommandRun("show", "--from", "-1s", "/dev/zero")
    #expect(run.code == 2)
    #expect(run.output.isEmpty)
    #expect(run.errors.hasPrefix("ringside: /dev/zero: where a pipe ends is not known"))
    #expect(run.errors.count { $0 == "\n" } == 1)
  }

  @Test(arguments: ["--5", "-", "-s", "-1.5", "1m", "-tx:5"])
  func `what is no place is wrong usage`(_ place: String) throws {
    #expect(try CommandRun("show", "--from", place, path).code == 64)
  }
}
