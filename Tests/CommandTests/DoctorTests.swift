internal import Foundation
internal import Testing

@Suite struct DoctorTests {
  @Test func `the doctor says that the simulation works everywhere`() throws {
    let run = try CommandRun("doctor")
    #expect(run.code == 0)
    #expect(run.errors.isEmpty)
    #expect(run.output.contains("\nringside replay --on sim: works\n"))
    #expect(run.output.contains("\n/dev/xen/gntdev "))
  }

  @Test func `every line of the doctor's JSON is an object and people's text stands apart`() throws
  {
    let run = try CommandRun("doctor", "--json")
    #expect(run.code == 0)
    #expect(run.errors.contains("ringside replay --on sim: works\n"))
    let lines = run.output.split(separator: "\n")
    #expect(lines.count > 10)
    for line in lines {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(object?["name"] != nil || object?["command"] != nil)
    }
  }
}
