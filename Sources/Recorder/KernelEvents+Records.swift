import KernelTap
import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

extension KernelEvents {
  /// Hands a record over as events.
  func pass(_ record: TapRecord) {
    let queue = record.queue ?? 0
    switch record.body {
    case .response(let response): return answers[queue, default: KernelAnswers()].take(response)
    case .responseSlots(let slots): answers[queue]?.settle(slots)
    default: break
    }
    flush(queue)
    guard isReady else { return drop() }
    time = record.time
    switch record.body {
    case .pollBegin(let begin):
      isInPoll.insert(queue)
      emit(queue, .pollBegin(ring: .tx, budget: begin.packets))
      emit(queue, .requestProducer(ring: .tx, index: begin.ring.requestProducer))
      slots(begin.slots, queue)
    case .pollEnd(let end): finishPoll(end, queue)
    case .txSlots(let published): slots(published, queue)
    case .copies(let copies): for copy in copies { take(copy, queue, record) }
    case .maps(let maps): for map in maps { take(map, queue, record) }
    case .unmaps(let unmaps): for unmap in unmaps { take(unmap, queue) }
    case .releases(let releases): release(releases, queue)
    case .delivered(let frame): deliver(frame, queue, record)
    case .rxRequests(let requests): rxSlots(requests, queue)
    case .taken(let frame):
      rxTracks[queue]?.take(frame)
      emit(queue, .taken(frame.record), record.contents(frame.contents))
    case .rxFlush(let flush): finishRx(flush, queue)
    case .disabled:
      begun?.isDisabled = true
      emit(queue, .disabled(rule: tracks[queue]?.untaken.brokenRule ?? .max))
    case .controlRequests(let requests): controlTrack?.take(requests)
    case .controlCopies(let copies):
      controlTrack?.take(copies, Array(record.contents(copies.contents)))
    case .controlAnswers(let answers): finishControl(answers)
    case .vif, .txSnapshot, .rxSnapshot, .controlSnapshot, .nothing, .response, .responseSlots,
      .connected, .disconnected, .carrierOff, .gap:
      break
    }
  }

  private func slots(_ slots: TapSlots, _ queue: UInt16) {
    guard slots.count > 0 else { return }
    let end = slots.first.advanced(by: UInt32(slots.count))
    if tracks[queue]?.next != end {
      emit(queue, .requestProducer(ring: .tx, index: end))
    }
    tracks[queue]?.take(slots) { index, words in
      emit(queue, .slot(ring: .tx, index: index, words))
    }
  }

  private func finishPoll(_ end: TapPoll, _ queue: UInt16) {
    slots(end.slots, queue)
    isInPoll.remove(queue)
    tracks[queue]?.endPoll(
      consumer: end.ring.requestConsumer, remainingCredit: end.remainingCredit)
    emit(
      queue,
      .pollEnd(
        ring: .tx, consumer: end.ring.requestConsumer, producer: end.ring.privateProducer,
        packets: end.packets))
  }

  private func take(_ copy: TapCopy, _ queue: UInt16, _ record: TapRecord) {
    guard let grant = copy.source.grant else { return }
    let octets = record.contents(copy.contents)
    let status = GrantStatus(rawValue: copy.status)
    var operand = TraceEvent.GrantOperand(
      grant: grant, offset: copy.source.offset, length: copy.length)
    emit(queue, .grantCopy(operand, direction: .fromGuest, status: status))
    guard status == .okay, !octets.isEmpty else { return }
    operand.captured = UInt16(clamping: octets.count)
    emit(queue, .memory(operand), octets)
  }

  private func take(_ map: TapMap, _ queue: UInt16, _ record: TapRecord) {
    let status = GrantStatus(rawValue: map.status)
    if status == .okay { tracks[queue]?.map(map) }
    emit(
      queue, .grantMap(map.grant, readOnly: map.flags & 4 != 0, handle: map.handle, status: status))
    let octets = record.contents(map.contents)
    guard status == .okay, !octets.isEmpty else { return }
    let operand = TraceEvent.GrantOperand(
      grant: map.grant, offset: map.offset, length: map.length,
      captured: UInt16(clamping: octets.count))
    emit(queue, .memory(operand), octets)
  }

  private func take(_ unmap: TapUnmap, _ queue: UInt16) {
    guard let grant = tracks[queue]?.unmap(unmap.handle) else { return }
    let status = GrantStatus(rawValue: unmap.status)
    emit(queue, .grantUnmap(grant, handle: unmap.handle, status: status))
  }

  /// Hands over the answers of a queue that wait.
  func flush(_ queue: UInt16) {
    guard let waiting = answers[queue]?.removeAll() else { return }
    for response in waiting { isReady ? answer(response, queue) : drop() }
  }

  /// An answer outside a poll is pushed at once; those of a poll, before its end.
  private func answer(_ response: TapResponse, _ queue: UInt16) {
    guard let answer = tracks[queue]?.answer(response) else {
      // Seen afterwards only, and in the snapshot already.
      guard !response.isLate else { return }
      drop()
      return lose()
    }
    let (first, request) = (answer.index, answer.request)
    if let change = answer.change { note(change.description, queue) }
    let id = UInt16(truncatingIfNeeded: response.request[2])
    let status = NetifStatus(rawValue: response.status)
    if status == .okay { begun?.takeMulticast(answer.infos) }
    emit(queue, .txResponse(index: first, request: request, id: id, status: status))
    for extra in 0..<response.extras {
      let (index, slot) = (first.advanced(by: extra + 1), request.advanced(by: extra + 1))
      emit(queue, .txResponse(index: index, request: slot, id: 0, status: .null))
    }
    guard !isInPoll.contains(queue), let end = tracks[queue]?.nextAnswer else { return }
    emit(queue, .responseProducer(ring: .tx, index: end))
  }

  func note(_ words: String, _ queue: UInt16) {
    let octets = Array(words.utf8)
    emit(queue, .note(length: UInt32(octets.count)), octets[...])
  }

  private func release(_ releases: TapReleases, _ queue: UInt16) {
    for pending in releases.pendingIndices {
      guard let request = tracks[queue]?.request(at: pending) else { continue }
      emit(queue, .release(index: request))
    }
  }

  private func deliver(_ frame: TapFrame, _ queue: UInt16, _ record: TapRecord) {
    guard let head = tracks[queue]?.head(of: frame) else { return }
    emit(queue, .delivered(frame.record, request: head), record.contents(frame.contents))
  }

  private func rxSlots(_ slots: TapSlots, _ queue: UInt16) {
    let end = slots.first.advanced(by: UInt32(slots.count))
    emit(queue, .requestProducer(ring: .rx, index: end))
    rxTracks[queue]?.take(slots) { index, words in
      emit(queue, .slot(ring: .rx, index: index, words))
    }
  }

  private func finishRx(_ flush: TapRxFlush, _ queue: UInt16) {
    for copy in flush.copies {
      guard let grant = copy.copy.destination.grant else { continue }
      let operand = TraceEvent.GrantOperand(
        grant: grant, offset: copy.copy.destination.offset, length: copy.copy.length)
      let status = GrantStatus(rawValue: copy.copy.status)
      emit(queue, .grantCopy(operand, direction: .toGuest, status: status))
    }
    let responses = flush.responses
    rxTracks[queue]?.answer(responses)
    for place in 0..<responses.count {
      let words = responses.words(at: place)
      emit(
        queue,
        .rxResponse(
          index: responses.first.advanced(by: UInt32(place)), word0: words.w0, word1: words.w1))
    }
    let end = responses.first.advanced(by: UInt32(responses.count))
    emit(queue, .responseProducer(ring: .rx, index: end))
  }
}

extension TapFrame {
  /// The frame as a trace has it.
  fileprivate var record: TraceEvent.FrameRecord {
    var offload = FrameOffload()
    switch checksum {
    case 1: offload.checksum = .verified
    case 3: offload.checksum = .partial
    default: break
    }
    if segmentSize > 0 {
      // SKB_GSO_TCPV4 is bit 0; the other kind that a vif takes is TCP over IPv6.
      let type = segmentType & 1 != 0 ? Segmentation.tcpv4 : Segmentation.tcpv6
      offload.segmentation = Segmentation(size: segmentSize, type: type)
    }
    offload.hash = hash.map(\.record)
    return TraceEvent.FrameRecord(
      length: length, captured: UInt32(contents.count), offload: offload)
  }
}

extension TapHash {
  /// The hash as the extra info of a frame has it (Linux: `xenvif_rx_next_skb`).
  fileprivate var record: FlowHash {
    let isIPv4 = protocolNumber == 0x0800
    return FlowHash(value: value, type: (isIPv4 ? 0 : 2) + (coversPorts ? 1 : 0))
  }
}
