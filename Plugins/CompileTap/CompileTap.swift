import Foundation
import PackagePlugin

/// Compiles the kernel tap's eBPF program and embeds the object in the target it belongs to.
@main
struct CompileTap: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let sources = target.directoryURL.appending(path: "bpf")
    let output = context.pluginWorkDirectoryURL.appending(path: "TapObject.swift")
    let names = try FileManager.default.contentsOfDirectory(atPath: sources.path).sorted()
    return [
      .buildCommand(
        displayName: "Compiling the kernel tap",
        executable: try context.tool(named: "tap-compiler").url,
        arguments: [
          try context.tool(named: "clang").url.path, sources.appending(path: "tap.bpf.c").path,
          output.path,
        ],
        inputFiles: names.map { sources.appending(path: $0) },
        outputFiles: [output])
    ]
  }
}
