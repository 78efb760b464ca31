package radar

// listener notes in which minutes Tandai listened: its process ran, its door could
// take events, and what it had taken was recorded. Only then is a silence one.
type listener struct {
	from int64 // listened since, Unix ms; 0 = not
	last int64 // when it was asked last
}

// A pause between two looks that is longer than this is a process that stood still, or
// a clock that was set: nobody knows what was missed meanwhile.
const longestBlink = 45_000

// beat is called every few seconds. upTo is until when everything that came is
// recorded, Unix ms; 0 when nothing can come in. It returns what has been listened to
// and was not said before.
func (l *listener) beat(now, upTo int64) (from, to int64) {
	blinked := now < l.last || now > l.last+longestBlink
	l.last = now
	switch {
	case upTo == 0:
		l.from = 0
	case l.from == 0 || blinked:
		l.from = now
	case upTo >= l.from+minuteMs:
		from, to = l.from, min(upTo, now)
		l.from = to / minuteMs * minuteMs
		// The first minute may have begun before anybody listened; MarkRange takes whole
		// ones, and from here on they are.
	}
	return from, to
}
