// Tests draw from the same source as the simulation and the fuzzer.
@_exported public import struct XenInterface.SeededGenerator
