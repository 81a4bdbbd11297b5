import CRingReference

/// A size, an offset or a constant of the C headers, by its C name; `nil` for a name they lack.
func reference(_ name: String) -> Int? {
  var value: Int64 = 0
  // SAFETY: the string and the result live through the call, which keeps neither.
  guard unsafe reference_number(name, &value) else { return nil }
  return Int(value)
}

/// Number of slots that the C macros find in a page.
func referenceCapacity(_ kind: reference_kind) -> UInt32 { reference_capacity(kind) }
