internal import Netif
internal import TraceFormat

extension TraceError {
  /// What is wrong, where, and what to do.
  var words: String {
    switch self {
    case .notATrace: "not a trace"
    case .foreignByteOrder:
      "a trace in a foreign byte order; traces are little-endian on every machine: take the file "
        + "as it was recorded, something has swapped its octets"
    case .unsupportedVersion(let major, let minor):
      "a trace of version \(major).\(minor); this ringside reads version \(TraceVersion.major), "
        + "use one that is as new as what recorded it"
    case .truncated(let offset): "ends inside its header, at octet \(offset); nothing can be read"
    case .corrupt(let offset, let corruption): "corrupt at octet \(offset): \(corruption.words)"
    case .unknownKind(let kind, let offset):
      "at octet \(offset): an event of kind \(kind), which only a newer ringside knows"
    case .overLimit(let offset): "corrupt at octet \(offset): more than a trace can hold"
    case .transfer(let error): Console.errorText(error.code)
    }
  }
}

extension Corruption {
  var words: String {
    switch self {
    case .textConversion: "line ends were converted; send it as a binary file"
    case .checksum: "the checksum does not match"
    case .marker: "no block begins here"
    case .reserved: "a reserved field is in use"
    case .compression: "the compressed data is damaged"
    case .value: "a value is out of range"
    case .shortColumn: "a column ends early"
    case .longColumn: "a column is too long"
    case .sequence: "a block is missing before this one"
    case .trailing: "something follows the end"
    }
  }
}

extension TraceTextExpectation {
  /// What should have stood there.
  var words: String {
    switch self {
    case .version: "expected '\(TraceTextReader.title) \(TraceVersion.major).\(TraceVersion.minor)'"
    case .headerLine: "expected a line of the header, or 'events'"
    case .oneOf(let words): "expected \(words.joined(separator: ", "))"
    case .field(let name): "expected '\(name)='"
    case .number(let most): "expected a number up to \(most)"
    case .signedNumber: "expected a number from -32768 to 32767"
    case .time: "expected a time in seconds"
    case .octets: "expected octets in hexadecimal"
    case .text: "expected text in quotes"
    case .endOfLine: "expected nothing more on this line"
    case .events: "expected the line 'events' before the end"
    case .shorter: "too long"
    case .readableFile(let error): Console.errorText(error.code)
    }
  }
}

extension TraceHeader.Source {
  var words: String {
    switch self {
    case .inProcess: "the backend itself"
    case .kernelTap: "the kernel tap"
    case .byHand: "written by hand"
    case .fuzzer: "a fuzzer"
    }
  }
}

extension NetifFeatures {
  /// Their names as in the store.
  var words: String {
    let names: [(NetifFeatures, String)] = [
      (.scatterGather, "sg"), (.gsoTCPv4, "gso-tcpv4"), (.gsoTCPv6, "gso-tcpv6"),
      (.rxNotify, "rx-notify"), (.checksumIPv4, "csum-ipv4"), (.checksumIPv6, "csum-ipv6"),
      (.multicastControl, "multicast-control"), (.splitEventChannels, "split-event-channels"),
    ]
    return names.filter { contains($0.0) }.map(\.1).joined(separator: " ")
  }
}
