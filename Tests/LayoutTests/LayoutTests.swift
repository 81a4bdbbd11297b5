import CRingReference
import Netif
import Testing
import XenInterface
import XenRing

/// The octets that are not zero, as a range: where a field lies when all its bits are set.
private func octetsSet(_ words: SlotWords) -> Range<Int> {
  let set = (0..<16).filter { words[$0 / 4] >> UInt32($0 % 4 * 8) & 0xff != 0 }
  guard let first = set.first, let last = set.last else { return 0..<0 }
  return first..<(last + 1)
}

private func tx(
  grant: UInt32 = 0, offset: UInt16 = 0, flags: UInt16 = 0, id: UInt16 = 0, size: UInt16 = 0
) -> SlotWords {
  TxRequest(
    grant: GrantReference(rawValue: grant), offset: offset, flags: TxFlags(rawValue: flags),
    id: id, size: size
  ).words
}

private func rxResponse(
  id: UInt16 = 0, offset: UInt16 = 0, flags: UInt16 = 0, status: Int16 = 0
) -> SlotWords {
  RxResponse(
    id: id, offset: offset, flags: RxFlags(rawValue: flags), status: NetifStatus(rawValue: status)
  ).words
}

private func control(
  id: UInt16 = 0, type: UInt16 = 0, data0: UInt32 = 0, data1: UInt32 = 0, data2: UInt32 = 0
) -> SlotWords {
  ControlRequest(id: id, type: type, data0: data0, data1: data1, data2: data2).words
}

private func controlResponse(
  id: UInt16 = 0, type: UInt16 = 0, status: UInt32 = 0, data: UInt32 = 0
) -> SlotWords {
  ControlResponse(id: id, type: type, status: status, data: data).words
}

private func extra(_ info: ExtraInfo, hasMore: Bool = false) -> SlotWords {
  var words = ExtraInfoSlot(info, hasMore: hasMore).words
  words[0] &= 0xffff_ff00
  return words
}

private func staged(grant: UInt32 = 0, flags: UInt16 = 0, status: UInt16 = 0) -> SlotWords {
  var entry = StagedGrant(
    grant: GrantReference(rawValue: grant), isReadOnly: false, status: status)
  entry.flags = flags
  var words: SlotWords = [0, 0, 0, 0]
  for (place, octet) in entry.octets.enumerated() {
    words[place / 4] |= UInt32(octet) << UInt32(place % 4 * 8)
  }
  return words
}

private struct Field {
  let name: String
  let words: SlotWords
  init(_ name: String, _ words: SlotWords) {
    self.name = name
    self.words = words
  }
}

private let fields: [Field] = [
  Field("xen_netif_gref.ref", staged(grant: .max)),
  Field("xen_netif_gref.flags", staged(flags: .max)),
  Field("xen_netif_gref.status", staged(status: .max)),
  Field("netif_tx_request.gref", tx(grant: .max)),
  Field("netif_tx_request.offset", tx(offset: .max)),
  Field("netif_tx_request.flags", tx(flags: .max)),
  Field("netif_tx_request.id", tx(id: .max)),
  Field("netif_tx_request.size", tx(size: .max)),
  Field("netif_tx_response.id", TxResponse(id: .max, status: .okay).words),
  Field(
    "netif_tx_response.status", TxResponse(id: 0, status: NetifStatus(rawValue: -1)).words),
  Field("netif_rx_request.id", RxRequest(id: .max, grant: GrantReference(rawValue: 0)).words),
  Field("netif_rx_request.gref", RxRequest(id: 0, grant: GrantReference(rawValue: .max)).words),
  Field("netif_rx_response.id", rxResponse(id: .max)),
  Field("netif_rx_response.offset", rxResponse(offset: .max)),
  Field("netif_rx_response.flags", rxResponse(flags: .max)),
  Field("netif_rx_response.status", rxResponse(status: -1)),
  Field("xen_netif_ctrl_request.id", control(id: .max)),
  Field("xen_netif_ctrl_request.type", control(type: .max)),
  Field("xen_netif_ctrl_request.data[0]", control(data0: .max)),
  Field("xen_netif_ctrl_request.data[1]", control(data1: .max)),
  Field("xen_netif_ctrl_request.data[2]", control(data2: .max)),
  Field("xen_netif_ctrl_response.id", controlResponse(id: .max)),
  Field("xen_netif_ctrl_response.type", controlResponse(type: .max)),
  Field("xen_netif_ctrl_response.status", controlResponse(status: .max)),
  Field("xen_netif_ctrl_response.data", controlResponse(data: .max)),
  Field("netif_extra_info.u.gso.size", extra(.gso(size: .max, type: 0))),
  Field("netif_extra_info.u.gso.type", extra(.gso(size: 0, type: .max))),
  Field("netif_extra_info.u.mcast.addr", extra(.multicastAdd(MACAddress(bits: .max)))),
  Field("netif_extra_info.u.mcast.addr", extra(.multicastDelete(MACAddress(bits: .max)))),
  Field("netif_extra_info.u.hash.type", extra(.hash(type: .max, algorithm: 0, value: 0))),
  Field("netif_extra_info.u.hash.algorithm", extra(.hash(type: 0, algorithm: .max, value: 0))),
  Field("netif_extra_info.u.hash.value", extra(.hash(type: 0, algorithm: 0, value: .max))),
]

@Test func `every field lies where the C struct has it`() {
  for field in fields {
    let place = octetsSet(field.words)
    #expect(place.lowerBound == reference(field.name), "\(field.name)")
    #expect(place.count == reference(field.name + ".size"), "\(field.name)")
  }
}

@Test func `the more flag of an extra info lies in its second octet`() {
  let place = octetsSet(extra(.gso(size: 0, type: 0), hasMore: true))
  #expect(place.lowerBound == reference("netif_extra_info.flags"))
}

@Test func `an entry of a staging list is read as it was written`() {
  var entry = StagedGrant(
    grant: GrantReference(rawValue: 0x1234_5678), isReadOnly: true, status: 2)
  entry.flags |= 0x8000
  let list =
    StagedGrant(grant: GrantReference(rawValue: 9), isReadOnly: false).octets
    + entry.octets
  #expect(StagedGrant(in: list.span.octets, at: 1) == entry)
  #expect(StagedGrant(in: list.span.octets, at: 1).isReadOnly)
  #expect(!StagedGrant(in: list.span.octets, at: 0).isReadOnly)
}

@Test func `every number is the one of the C headers`() {
  let ours: [(String, Int)] = [
    ("netif_tx_request", 4 * TxRequest.wordCount),
    ("netif_tx_response", 4 * TxResponse.wordCount),
    ("netif_rx_request", 4 * RxRequest.wordCount),
    ("netif_rx_response", 4 * RxResponse.wordCount),
    ("xen_netif_ctrl_request", 4 * ControlRequest.wordCount),
    ("xen_netif_ctrl_response", 4 * ControlResponse.wordCount),
    ("xen_netif_gref", StagedGrant.octetCount),
    ("XEN_NETIF_CTRLF_GREF_readonly", Int(StagedGrant.readOnly)),
    (
      "XEN_NETIF_CTRL_TYPE_GET_GREF_MAPPING_SIZE",
      Int(ControlMessage.getGrantMappingSize.rawValue)
    ),
    ("XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING", Int(ControlMessage.addGrantMapping.rawValue)),
    ("XEN_NETIF_CTRL_TYPE_DEL_GREF_MAPPING", Int(ControlMessage.deleteGrantMapping.rawValue)),
    ("XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER", Int(ControlStatus.invalidParameter.rawValue)),
    ("netif_tx_response.status", TxResponse.statusOctet),
    ("netif_tx_sring.req_prod", RingLayout.requestProducer),
    ("netif_tx_sring.req_event", RingLayout.requestEvent),
    ("netif_tx_sring.rsp_prod", RingLayout.responseProducer),
    ("netif_tx_sring.rsp_event", RingLayout.responseEvent),
    ("netif_tx_sring.ring", RingLayout.slots),
    ("netif_rx_sring.ring", RingLayout.slots),
    ("xen_netif_ctrl_sring.ring", RingLayout.slots),
    ("NETTXF_csum_blank", Int(TxFlags.checksumBlank.rawValue)),
    ("NETTXF_data_validated", Int(TxFlags.dataValidated.rawValue)),
    ("NETTXF_more_data", Int(TxFlags.moreData.rawValue)),
    ("NETTXF_extra_info", Int(TxFlags.extraInfo.rawValue)),
    ("NETRXF_data_validated", Int(RxFlags.dataValidated.rawValue)),
    ("NETRXF_csum_blank", Int(RxFlags.checksumBlank.rawValue)),
    ("NETRXF_more_data", Int(RxFlags.moreData.rawValue)),
    ("NETRXF_extra_info", Int(RxFlags.extraInfo.rawValue)),
    ("NETIF_RSP_DROPPED", Int(NetifStatus.dropped.rawValue)),
    ("NETIF_RSP_ERROR", Int(NetifStatus.error.rawValue)),
    ("NETIF_RSP_OKAY", Int(NetifStatus.okay.rawValue)),
    ("NETIF_RSP_NULL", Int(NetifStatus.null.rawValue)),
    ("XEN_NETIF_GSO_TYPE_TCPV4", Int(Segmentation.tcpv4)),
    ("XEN_NETIF_GSO_TYPE_TCPV6", Int(Segmentation.tcpv6)),
    ("XEN_NETIF_NR_SLOTS_MIN", NetifLimits.slotsGuaranteed),
    ("XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED", Int(ControlResponse.notSupported)),
  ]
  for (name, value) in ours { #expect(reference(name) == value, "\(name)") }
}

@Test func `extra info types have the numbers of the C header`() {
  let address = MACAddress(bits: 0)
  let ours: [(String, ExtraInfo)] = [
    ("XEN_NETIF_EXTRA_TYPE_GSO", .gso(size: 0, type: 0)),
    ("XEN_NETIF_EXTRA_TYPE_MCAST_ADD", .multicastAdd(address)),
    ("XEN_NETIF_EXTRA_TYPE_MCAST_DEL", .multicastDelete(address)),
    ("XEN_NETIF_EXTRA_TYPE_HASH", .hash(type: 0, algorithm: 0, value: 0)),
  ]
  for (name, info) in ours {
    #expect(reference(name) == Int(ExtraInfoSlot(info, hasMore: false).words[0] & 0xff))
  }
}

@Test func `xenbus states have the numbers of the C header`() {
  for state in XenbusState.allCases {
    let name = "\(state)"
    let cName = "XenbusState" + name.prefix(1).uppercased() + name.dropFirst()
    #expect(reference(cName) == Int(state.rawValue), "\(cName)")
  }
}

@Test(arguments: [
  (REFERENCE_TX, TxRequest.wordCount, NetifLimits.ringSize),
  (REFERENCE_RX, RxRequest.wordCount, NetifLimits.ringSize),
  (REFERENCE_CONTROL, ControlRequest.wordCount, NetifLimits.controlRingSize),
])
func `rings have as many slots as the C macro finds`(
  kind: reference_kind, words: Int, limit: UInt32
) {
  let capacity = RingLayout.capacity(byteCount: RingLayout.pageSize, stride: 4 * words)
  #expect(capacity == referenceCapacity(kind))
  #expect(capacity == limit)
}
