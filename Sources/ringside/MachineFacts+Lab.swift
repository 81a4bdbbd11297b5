internal import FoundationEssentials

extension MachineFacts {
  /// What `ringside lab` takes.
  static var labFacts: [Fact] {
    [
      program("qemu-system-x86_64", package: "qemu-system-x86", for: "the lab's machine"),
      program("cpio", package: "cpio", for: "the lab's images"),
      program("depmod", package: "kmod", for: "the lab's images"),
      scripts,
    ]
  }

  private static func program(_ name: String, package: String, for purpose: String) -> Fact {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    // Not every user's path has those of the system's.
    let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]
    let found = folders.contains {
      FileManager.default.isExecutableFile(atPath: $0 + "/" + name)
    }
    return Fact(
      name: name, isUsable: found,
      detail: found ? "found" : "not found; Debian's package is \(package)", purpose: purpose)
  }

  private static var scripts: Fact {
    let script = try? LabFolder(nil).script
    // Short: the longest of these makes the column.
    return Fact(
      name: "Lab", isUsable: script != nil,
      detail: script ?? "not found; RINGSIDE_LAB names it, in Ringside's sources",
      purpose: "the lab's scripts")
  }
}
