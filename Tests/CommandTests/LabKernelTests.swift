internal import Foundation
internal import Testing

/// What the lab's own scripts say of a kernel that they cannot boot; none of this needs an emulator.
@Suite struct LabKernelTests {
  private let files: ScratchFolder
  private let lab = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Lab").standardized.path

  init() throws { files = try ScratchFolder() }

  private func run(_ words: String...) throws -> CommandRun {
    try CommandRun(["lab", "--lab", lab] + words + ["--", "list"])
  }

  /// The header of a bzImage and nothing behind it, with its words at octet 1024.
  private func kernel(_ words: String) throws -> String {
    var octets = Data(count: 1024)
    octets.replaceSubrange(514..<518, with: Data("HdrS".utf8))
    octets.replaceSubrange(526..<528, with: [0, 2])
    return try files.write("bzImage", octets + Data(words.utf8) + Data(count: 256))
  }

  @Test func `a package that is none is told in a line`() throws {
    let package = try files.write("a.deb", Data("nonsense".utf8))
    let run = try run("--deb", package)
    #expect(run.code == 2)
    #expect(run.output.isEmpty && run.errors == "lab: \(package): not a Debian package\n")
  }

  @Test func `a kernel that is none is told in a line`() throws {
    let kernel = try files.write("vmlinux", Data(repeating: 0x7f, count: 4096))
    let run = try run("--kernel", kernel, "--modules", files.url.path)
    #expect(run.code == 2)
    #expect(run.errors.hasPrefix("lab: \(kernel): not a bzImage ("))
    #expect(run.errors.count { $0 == "\n" } == 1)
  }

  @Test(arguments: ["", "6.9/../.. x", "$(id)"])
  func `a header that names no Linux is told in a line`(_ words: String) throws {
    let kernel = try kernel(words)
    let run = try run("--kernel", kernel, "--modules", files.url.path)
    #expect(run.code == 2)
    #expect(run.errors == "lab: \(kernel): its header does not say which Linux it is\n")
  }

  @Test func `modules of another kernel are told in a line`() throws {
    let kernel = try kernel("6.9.0-rc1+ (me@here) #1 SMP")
    let other = files.path("lib/modules/6.8.0")
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
    _ = try files.write("lib/modules/6.8.0/modules.dep.bin", Data())
    for place in [files.url.path, other] {
      let run = try run("--kernel", kernel, "--modules", place)
      #expect(run.code == 2)
      #expect(
        run.errors == """
          lab: \(place): no lib/modules/6.9.0-rc1+/modules.dep.bin; `make modules_install \
          INSTALL_MOD_PATH=\(place)` of that kernel makes it

          """)
    }
  }

  @Test func `a file that is not there is told in a line`() throws {
    let run = try run("--deb", "/no/a.deb")
    #expect(run.code == 4)
    #expect(run.errors == "lab: /no/a.deb: no such file\n")
  }
}
