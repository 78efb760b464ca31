package radar

import (
	"math/bits"
	"time"
)

// hourMs is an hour in Unix milliseconds.
const hourMs = int64(time.Hour / time.Millisecond)

const minuteMs = int64(time.Minute / time.Millisecond)

// fullHour has a bit for each minute of an hour.
const fullHour = uint64(1)<<60 - 1

// Hours are minutes as bits: bit m of Hours[h] is minute m of the hour that begins
// h hours after the Unix epoch. Minutes rather than events are counted, because an
// agent labels ten chats in one go: that is one sign of life, not ten.
type Hours map[int64]uint64

// Mark sets the minute of a time, Unix ms.
func (h Hours) Mark(at int64) { h[at/hourMs] |= 1 << (at % hourMs / minuteMs) }

// MarkRange sets the whole minutes of [from, to), Unix ms.
func (h Hours) MarkRange(from, to int64) {
	for at := (from + minuteMs - 1) / minuteMs * minuteMs; at+minuteMs <= to; at += minuteMs {
		h.Mark(at)
	}
}

// Has tells whether the minute of a time is set.
func (h Hours) Has(at int64) bool { return h[at/hourMs]>>(at%hourMs/minuteMs)&1 == 1 }

// Last is the beginning of the last minute that is set and began by now, Unix ms;
// 0 where none is within the given number of hours.
func (h Hours) Last(now int64, within int) int64 {
	hour := now / hourMs
	mask := fullHour >> (59 - now%hourMs/minuteMs)
	for range within {
		if found := h[hour] & mask; found != 0 {
			return hour*hourMs + int64(bits.Len64(found)-1)*minuteMs
		}
		hour, mask = hour-1, fullHour
	}
	return 0
}

// first is the earliest hour, false where there is none.
func (h Hours) first() (int64, bool) {
	least, any := int64(0), false
	for hour := range h {
		if !any || hour < least {
			least, any = hour, true
		}
	}
	return least, any
}

func minutesIn(mask uint64) float64 { return float64(bits.OnesCount64(mask)) }
