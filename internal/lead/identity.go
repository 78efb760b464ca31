package lead

// Pair is one claim that a hidden id and a phone are one person in a session,
// with the first and last time it was seen. Merging claims takes minima and
// maxima, so their order does not matter.
type Pair struct {
	Hidden  string // digits + "@lid"
	Phone   string // digits, country code first
	FirstAt int64
	LastAt  int64
}

// Merge unites two sightings of the same claim.
func (p Pair) Merge(q Pair) Pair {
	p.FirstAt = min(p.FirstAt, q.FirstAt)
	p.LastAt = max(p.LastAt, q.LastAt)
	return p
}

// Identities maps hidden ids to phones.
type Identities map[string]string

// Resolve builds the map from all claims of a session: where a hidden id was
// seen with several phones, the one seen last counts, and among those seen in
// the same millisecond the greatest.
func Resolve(claims []Pair) Identities {
	best := map[string]Pair{}
	for _, c := range claims {
		b, ok := best[c.Hidden]
		if !ok || c.LastAt > b.LastAt || (c.LastAt == b.LastAt && c.Phone > b.Phone) {
			best[c.Hidden] = c
		}
	}
	ids := make(Identities, len(best))
	for hidden, c := range best {
		ids[hidden] = c.Phone
	}
	return ids
}

// Of is the person behind a chat: the phone where it is known, else the hidden
// id.
func (ids Identities) Of(chatID string) string {
	l := OfChat(chatID)
	if phone, ok := ids[l]; ok {
		return phone
	}
	return l
}
