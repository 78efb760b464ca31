package wahasim

import "math/rand/v2"

// Streams of randomness: each purpose draws from its own, so that using one more
// of one kind does not change the others.
const (
	streamEnvelope = iota + 1
	streamMessage
	streamRequest
	streamJitter
	streamFaults
	streamStamp
	streamNode
)

func newRand(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }

// crockford is ULID's alphabet in lower case, as WAHA writes it.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// ulid is `evt_` and a lower-case ULID: 48 bits of time, 80 random bits. It is
// not monotonic inside a millisecond, and neither is WAHA's.
func ulid(at int64, r *rand.Rand) string {
	b := make([]byte, 4+26)
	copy(b, "evt_")
	t := uint64(at)
	for i := 9; i >= 0; i-- {
		b[4+i] = crockford[t&31]
		t >>= 5
	}
	hi, lo := r.Uint64(), r.Uint64()
	for i := range 8 {
		b[14+i] = crockford[hi&31]
		b[22+i] = crockford[lo&31]
		hi >>= 5
		lo >>= 5
	}
	return string(b)
}

// messageID is WhatsApp's id of a message: 20 hex digits, 3A… as iPhones write
// them, 3EB0… as linked devices do.
func messageID(fromMe bool, r *rand.Rand) string {
	b := make([]byte, 20)
	prefix := "3A"
	if fromMe {
		prefix = "3EB0"
	}
	n := copy(b, prefix)
	for ; n < len(b); n++ {
		b[n] = "0123456789ABCDEF"[r.IntN(16)]
	}
	return string(b)
}

// requestID looks like the 17 characters of uniqid().
func requestID(r *rand.Rand) string {
	b := make([]byte, 17)
	for i := range b {
		b[i] = "0123456789abcdefghijklmnopqrstuvwxyz"[r.IntN(36)]
	}
	return string(b)
}
