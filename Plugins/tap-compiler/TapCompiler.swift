import Foundation

/// Runs clang for the bpf target and writes a Swift file that holds the object.
///
/// `tap-compiler CLANG SOURCE OUTPUT`
@main
struct TapCompiler {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4 else { throw Failure("usage: tap-compiler CLANG SOURCE OUTPUT") }
    let clang = URL(filePath: arguments[1])
    let output = URL(filePath: arguments[3])
    let object = output.deletingPathExtension().appendingPathExtension("o")

    // The debug information that -g makes is where the kernel's type information comes from.
    try run(
      clang,
      [
        "-g", "-O2", "-Wall", "-Werror", "-target", "bpf", "-mcpu=v3",
        "-fdebug-compilation-dir=.", "-c", arguments[2], "-o", object.path,
      ])
    // DWARF is three quarters of the object, and nobody reads it.
    let objcopy = clang.deletingLastPathComponent().appending(path: "llvm-objcopy")
    if FileManager.default.isExecutableFile(atPath: objcopy.path) {
      try run(objcopy, ["--strip-debug", object.path])
    }

    let octets = try Data(contentsOf: object)
    var text = "// Made from tap.bpf.c by the plugin CompileTap.\n"
    text += "enum TapObject {\n"
    text +=
      "  /// The eBPF object, two digits an octet. One literal compiles fast; an array does not.\n"
    text += "  static let digits: StaticString = \"\(hexadecimal(octets))\"\n"
    text += "}\n"
    try text.write(to: output, atomically: true, encoding: .utf8)
    // Process leaks a few octets; in a build with sanitizers a look for leaks would fail the build.
    _exit(0)
  }

  static func hexadecimal(_ octets: Data) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(octets.count * 2)
    for octet in octets {
      text.append(digits[Int(octet >> 4)])
      text.append(digits[Int(octet & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  static func run(_ program: URL, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure("\(program.lastPathComponent) ended with \(process.terminationStatus)")
    }
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
  }
}
