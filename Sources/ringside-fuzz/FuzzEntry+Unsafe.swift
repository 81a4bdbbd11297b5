internal import Glibc

// What libFuzzer calls. Built with `RINGSIDE_FUZZ=1 swift build -c release --sanitize=fuzzer
// --product ringside-fuzz`; run with -use_value_profile=1, as most fields have 16 bits.

/// libFuzzer's own mutations of `size` octets in a room of `room`.
@_silgen_name("LLVMFuzzerMutate")
private func mutateOctets(
  _ data: UnsafeMutablePointer<UInt8>?, _ size: Int, _ room: Int
) -> Int

/// The run under way. libFuzzer calls from one thread.
nonisolated(unsafe) private var run = FuzzRun()

/// Reads our own options, and takes the crash signals back from Swift's backtracer, or libFuzzer writes no
/// crash file.
@c(LLVMFuzzerInitialize)
public func fuzzInitialize(
  _ count: UnsafeMutablePointer<CInt>?,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
  for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGQUIT] {
    signal(number, SIG_DFL)
  }
  do throws(FuzzUsage) { unsafe run = FuzzRun(try FuzzOptions(CommandLine.arguments)) } catch {
    FuzzRun.say("ringside-fuzz: \(error.message)")
    exit(64)
  }
  atexit {
    // SAFETY: libFuzzer has come to its end, nobody else uses the run.
    if unsafe !run.end() { _exit(1) }
  }
  return 0
}

/// Runs one input.
@c(LLVMFuzzerTestOneInput)
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  // SAFETY: libFuzzer hands `size` octets that stay as they are during the call.
  unsafe run.play(UnsafeRawBufferPointer(start: data, count: size).bytes)
  return 0
}

/// Changes one input.
@c(LLVMFuzzerCustomMutator)
public func fuzzMutate(
  _ data: UnsafeMutablePointer<UInt8>?, _ size: Int, _ room: Int, _ seed: CUnsignedInt
) -> Int {
  // SAFETY: the room of `room` octets is libFuzzer's to be written.
  let target = unsafe UnsafeMutableBufferPointer(start: data, count: room)
  let given = unsafe Array(target[..<size])
  let mutated = unsafe run.mutate(given, seed: UInt64(seed)) { _ in
    let count = unsafe mutateOctets(data, size, room)
    return unsafe Array(target[..<count])
  }
  guard mutated.count <= room else { return size }
  _ = unsafe target.update(fromContentsOf: mutated)
  return mutated.count
}

/// Makes one input of two.
@c(LLVMFuzzerCustomCrossOver)
public func fuzzCross(
  _ one: UnsafePointer<UInt8>?, _ oneSize: Int, _ other: UnsafePointer<UInt8>?, _ otherSize: Int,
  _ out: UnsafeMutablePointer<UInt8>?, _ room: Int, _ seed: CUnsignedInt
) -> Int {
  // SAFETY: both inputs are as long as libFuzzer says, and the room is its to be written.
  let target = unsafe UnsafeMutableBufferPointer(start: out, count: room)
  let (first, second) = unsafe (octets(one, oneSize), octets(other, otherSize))
  let crossed = unsafe run.cross(first, second, seed: UInt64(seed))
  guard crossed.count <= room else { return 0 }
  _ = unsafe target.update(fromContentsOf: crossed)
  return crossed.count
}

private func octets(_ data: UnsafePointer<UInt8>?, _ size: Int) -> [UInt8] {
  // SAFETY: libFuzzer hands `size` octets that stay as they are during the call.
  unsafe Array(UnsafeBufferPointer(start: data, count: size))
}

extension FuzzRun {
  /// Writes a line to standard error, as libFuzzer does.
  static func say(_ line: String) {
    let octets = Array("\(line)\n".utf8)
    // SAFETY: the octets live through the call.
    _ = unsafe octets.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
