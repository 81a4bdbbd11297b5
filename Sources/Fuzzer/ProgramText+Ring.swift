extension ProgramText {
  /// Takes answers, and compares them.
  static let ring = #"""
    static uint32_t responses(void)
    {
        return __atomic_load_n(&rings[response_producer], __ATOMIC_ACQUIRE) - answered;
    }

    /* Takes the next answer and looks for it among those that must come now. */
    static void take(unsigned from)
    {
        static uint16_t slot;
        const uint32_t word = rings[first_slot + slot_words * (answered++ % slot_count)];
        const int16_t status = (int16_t)(word >> 16);
        /* A NULL has left in its slot what was there: it is that of the slot behind the one before. */
        slot = status == 1 ? (uint16_t)(slot + 1) : (uint16_t)word;
        unsigned place = from;
        while (place < expected
               && (met[place] || wanted[place].slot != slot || wanted[place].status != status))
            place++;
        if (place < expected)
            met[place] = true;
        else
            differs = true;
        printf("slot %u: status %d%s\n", slot, status, place < expected ? "" : ", which must not come");
    }

    /* Takes so many answers, and what comes beside them. */
    static void collect(unsigned count)
    {
        const unsigned from = expected;
        expected += count;
        for (int waited = 0; responses() < count && waited < patience; waited++)
            usleep(1000);
        usleep(1000 * (count > 0 ? grace : silence));
        uint32_t left = responses();
        if (left > slot_count)
            fail("ring", "more answers than slots");
        while (left-- > 0)
            take(from);
        for (unsigned place = from; place < expected; place++)
            if (!met[place]) {
                printf("slot %u: no status %d\n", wanted[place].slot, wanted[place].status);
                differs = true;
            }
    }

    """#

  /// A function that stands in a program only where one of its steps is a call of it.
  struct Helper {
    /// The names of functions that call it, and its own.
    let names: [String]
    let text: String
  }

  static let helpers = [
    Helper(
      names: ["page"],
      text: #"""
        /* The reference of a page. */
        static uint32_t page(unsigned number) { return references[2 + number]; }

        """#),
    Helper(
      names: ["never"],
      text: #"""
        /* A reference that was never granted. */
        static uint32_t never(uint32_t number) { return number | 0x40000000; }

        """#),
    Helper(
      names: ["write_octets"],
      text: #"""
        /* Writes octets, in hexadecimal, into a page. */
        static void write_octets(unsigned number, unsigned offset, const char *text)
        {
            for (uint8_t *octet = pages + page_size * number + offset; *text; text += 2)
                sscanf(text, "%2hhx", octet++);
        }

        """#),
    Helper(
      names: ["fill"],
      text: #"""
        static void fill(unsigned number, unsigned offset, unsigned length, int octet)
        {
            const unsigned room = page_size - offset;
            memset(pages + page_size * number + offset, octet, length < room ? length : room);
        }

        """#),
    Helper(
      names: ["write_word"],
      text: #"""
        static void write_word(unsigned number, unsigned place, uint32_t word)
        {
            memcpy(pages + page_size * number + 4 * place, &word, sizeof(word));
        }

        """#),
    Helper(
      names: ["put", "put_data"],
      text: #"""
        /* Writes the next slot; not where an answer is still to come. */
        static void put(uint32_t first, uint32_t second, uint32_t third)
        {
            uint32_t *slot = rings + first_slot + slot_words * (next % slot_count);
            if (next - answered >= slot_count)
                return;
            slot[0] = first;
            slot[1] = second;
            slot[2] = third;
            next++;
        }

        """#),
    Helper(
      names: ["put_data"],
      text: #"""
        static void put_data(uint32_t reference, uint32_t offset, uint32_t size, uint32_t flags)
        {
            put(reference, offset | flags << 16, ((next - start) & 0xffff) | size << 16);
        }

        """#),
    Helper(
      names: ["listen_for"],
      text: #"""
        /* Asks for an event when the answer lies so far ahead. */
        static void listen_for(uint32_t ahead) { rings[response_event] = answered + ahead; }

        """#),
    Helper(
      names: ["publish"],
      text: #"""
        /* Says that there are requests up to what was written, and so many beyond. */
        static void publish(uint32_t beyond)
        {
            __atomic_store_n(&rings[request_producer], next + beyond, __ATOMIC_SEQ_CST);
        }

        """#),
    Helper(
      names: ["tell"],
      text: #"""
        /* Tells the backend, and takes its answers. */
        static void tell(unsigned count)
        {
            xenevtchn_notify(events, (evtchn_port_t)port);
            collect(count);
        }

        """#),
  ]
}
