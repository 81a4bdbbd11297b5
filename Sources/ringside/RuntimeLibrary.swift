/// A library that is looked for when it is needed, so that the program starts without it.
struct RuntimeLibrary {
  /// As the loader knows it.
  var name: String
  /// Debian's package of it.
  var package: String
  /// What it is good for.
  var purpose: String

  static let bpf = Self(name: "libbpf.so.1", package: "libbpf1", purpose: "the kernel tap")
  static let pcap = Self(
    name: "libpcap.so.0.8", package: "libpcap0.8", purpose: "savefiles, read and written")
  static let uring = Self(
    name: "liburing.so.2", package: "liburing2", purpose: "frames to a tap device in batches")

  static let all = [bpf, pcap, uring]

  /// What to say where it is missing.
  var absence: String { "\(name) is not on this machine (Debian: apt install \(package))" }
}
