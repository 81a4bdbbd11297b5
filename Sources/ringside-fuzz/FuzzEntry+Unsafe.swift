internal import Glibc
internal import TraceFormat

// What libFuzzer calls. Built with `RINGSIDE_FUZZ=1 swift build -c release --sanitize=fuzzer
// --product ringside-fuzz`; run with -use_value_profile=1, as most fields have 16 bits.

/// libFuzzer's own mutations of `size` octets in a room of `room`.
@_silgen_name("LLVMFuzzerMutate")
private func mutateOctets(
  _ data: UnsafeMutablePointer<UInt8>?, _ size: Int, _ room: Int
) -> Int

/// Takes the crash signals back from Swift's backtracer, or libFuzzer writes no crash file.
@c(LLVMFuzzerInitialize)
public func fuzzInitialize(
  _ count: UnsafeMutablePointer<CInt>?,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
  for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGQUIT] {
    signal(number, SIG_DFL)
  }
  return 0
}

/// Runs one input.
@c(LLVMFuzzerTestOneInput)
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  // SAFETY: libFuzzer hands `size` octets that stay as they are during the call.
  unsafe TraceJob.run(Array(UnsafeBufferPointer(start: data, count: size)))
  return 0
}

/// Mutates one input and makes its checksums right again; starts with a trace when there is none.
@c(LLVMFuzzerCustomMutator)
public func fuzzMutate(
  _ data: UnsafeMutablePointer<UInt8>?, _ size: Int, _ room: Int, _ seed: CUnsignedInt
) -> Int {
  let isFresh = size < 64 || seed % 512 == 0
  // SAFETY: the room of `room` octets is libFuzzer's to be written.
  let target = unsafe UnsafeMutableBufferPointer(start: data, count: room)
  var octets: [UInt8]
  if isFresh {
    octets = TraceSeeds.trace(UInt64(seed))
  } else {
    let count = unsafe mutateOctets(data, size, room)
    octets = unsafe Array(target[..<count])
  }
  guard octets.count <= room else { return size }
  if octets.first != TraceJob.textStart { TraceRepair.repair(&octets) }
  _ = unsafe target.update(fromContentsOf: octets)
  return octets.count
}
