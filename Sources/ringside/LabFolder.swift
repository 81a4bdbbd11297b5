internal import Foundation

/// The folder of the lab's scripts.
struct LabFolder {
  private let path: String

  /// The script that boots the machine and runs a job in it.
  var script: String { path + "/run" }
  /// The job that runs a verb.
  var job: String { path + "/jobs/verb.sh" }

  /// Finds it: where it was said, or as `Lab` beside this program or in a folder above it.
  init(_ said: String?) throws(CommandFailure) {
    let said = said ?? ProcessInfo.processInfo.environment["RINGSIDE_LAB"]
    let found = (said.map { [$0] } ?? Self.places)
      .first { FileManager.default.isExecutableFile(atPath: $0 + "/run") }
    guard let found else {
      throw CommandFailure(
        .missing,
        said.map { "\($0): no lab there; it is the folder Lab of Ringside's sources" }
          ?? "the lab's scripts are not beside \(ThisProgram.file.path) or above it; "
          + "--lab or RINGSIDE_LAB names the folder Lab of Ringside's sources")
    }
    path = found
  }

  private static var places: [String] {
    var places: [String] = []
    var place = ThisProgram.file
    while place.path != "/" {
      place.deleteLastPathComponent()
      places.append(place.appendingPathComponent("Lab").path)
    }
    return places
  }
}
