import CRingReference
import XenRing

/// Both halves of a ring as the C macros keep them, over one page.
@safe final class ReferenceRing {
  // SAFETY: allocated here, freed in `deinit`; the C halves see it in calls on this object only.
  private let page: UnsafeMutableRawPointer
  private var front: reference_half
  private var back: reference_half

  init(_ kind: reference_kind, start: RingIndex) {
    unsafe page = .allocate(byteCount: RingLayout.pageSize, alignment: 4096)
    unsafe page.initializeMemory(as: UInt8.self, repeating: 0, count: RingLayout.pageSize)
    unsafe front = reference_front_init(kind, page)
    unsafe back = reference_attach(kind, page, start.rawValue)
    guard start.rawValue != 0 else { return }
    unsafe front = reference_attach(kind, page, start.rawValue)
    for offset in [RingLayout.requestProducer, RingLayout.responseProducer] {
      self[offset] = start.rawValue
    }
    for offset in [RingLayout.requestEvent, RingLayout.responseEvent] {
      self[offset] = start.advanced(by: 1).rawValue
    }
  }

  deinit { unsafe page.deallocate() }

  /// The word at an octet offset of the page.
  subscript(offset: Int) -> UInt32 {
    get { unsafe page.load(fromByteOffset: offset, as: UInt32.self) }
    set { unsafe page.storeBytes(of: newValue, toByteOffset: offset, as: UInt32.self) }
  }

  var freeRequests: UInt32 { unsafe reference_free_requests(&front) }
  var unconsumedRequests: UInt32 { unsafe reference_unconsumed_requests(&back) }
  var unconsumedResponses: UInt32 { unsafe reference_unconsumed_responses(&front) }
  var requestsOverflow: Bool { unsafe reference_request_overflow(&back) }
  var responsesOverflow: Bool { unsafe reference_response_overflow(&front) }

  func put(request words: SlotWords) {
    var words = words
    unsafe words.mutableSpan.withUnsafeBufferPointer {
      unsafe reference_put_request(&front, $0.baseAddress)
    }
  }

  func put(response words: SlotWords) {
    var words = words
    unsafe words.mutableSpan.withUnsafeBufferPointer {
      unsafe reference_put_response(&back, $0.baseAddress)
    }
  }

  func put(status: Int16) { unsafe reference_put_status(&back, status) }

  func takeRequest() -> SlotWords {
    var words = SlotWords(repeating: 0)
    var span = words.mutableSpan
    unsafe span.withUnsafeMutableBufferPointer {
      unsafe reference_take_request(&back, $0.baseAddress)
    }
    return words
  }

  func takeResponse() -> SlotWords {
    var words = SlotWords(repeating: 0)
    var span = words.mutableSpan
    unsafe span.withUnsafeMutableBufferPointer {
      unsafe reference_take_response(&front, $0.baseAddress)
    }
    return words
  }

  func pushRequests() -> Bool { unsafe reference_push_requests(&front) }
  func pushResponses() -> Bool { unsafe reference_push_responses(&back) }
  func finalCheckRequests() -> Bool { unsafe reference_final_check_requests(&back) }
  func finalCheckResponses() -> Bool { unsafe reference_final_check_responses(&front) }
}
