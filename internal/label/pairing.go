package label

// When a NOWEB session has just been paired, WAHA sends every label that is on a
// chat as label.chat.added, stamped with the time of pairing: when they were
// really put there nobody says. The events come once the connection is open (the
// session is WORKING) and the phone has sent its state, within seconds on a small
// account and a minute or so on a large one.
// Source: WAHA, session.noweb.core.ts; Baileys, chat-utils.js (labels are emitted
// during the first synchronisation whatever isInitialSync says).
const (
	// BurstBefore is how long before WORKING was noted the burst may begin, ms.
	BurstBefore = 10_000
	// BurstAfter is how long after it the burst may last, ms.
	BurstAfter = 120_000
)

// InBurst reports whether an add at at comes with a pairing at pairedAt, both
// Unix ms: at is in [pairedAt-BurstBefore, pairedAt+BurstAfter).
func InBurst(pairedAt, at int64) bool {
	return pairedAt-BurstBefore <= at && at < pairedAt+BurstAfter
}

// Pairings returns which of the times at which a session began to work came
// after a code was shown and before it worked otherwise: those are the times it
// was paired. Order and duplicates of both do not matter.
func Pairings(scans, workings []int64) []int64 {
	paired := map[int64]bool{}
	for _, scan := range scans {
		first := int64(-1)
		for _, w := range workings {
			if w >= scan && (first < 0 || w < first) {
				first = w
			}
		}
		if first >= 0 {
			paired[first] = true
		}
	}
	var all []int64
	for _, w := range workings {
		if paired[w] {
			all = append(all, w)
			delete(paired, w)
		}
	}
	return all
}
