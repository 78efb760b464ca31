package lead

// Contact is what messages leave behind of one chat: when each side first and
// last wrote, and the first advertisement the person came from. It holds no
// text. All fields are minima and maxima, so messages may come in any order and
// more than once. A time of 0 means never.
type Contact struct {
	Session, ChatID       string
	FirstInAt, LastInAt   int64 // from the lead
	FirstOutAt, LastOutAt int64 // from the CS
	ReferralAt            int64 // when the first referral was seen; 0 = none
	Referral              Referral
}

// Referral is what a message tells of the advertisement it came from. All of it
// may be empty but the Entry: since 2026 some messages say only that there was
// an advertisement.
type Referral struct {
	SourceType, SourceID, SourceURL, SourceApp string // "ad", Meta's ad id, its link, facebook | instagram
	ClickID                                    string // ctwaClid
	Title                                      string // the advertisement's headline
	Entry, EntryApp                            string // entryPointConversionSource ("ctwa_ad"), …App
	ConversionSource                           string // "FB_Ads"
	Ref, UTM                                   string
	MediaType                                  string // IMAGE | VIDEO | NONE
	ExternalSource, ExternalMedium             string // entryPointConversionExternalSource, …Medium
	UTMSource, UTMCampaign                     string
	CampaignID                                 string // smbClientCampaignID
}

// IsZero reports whether nothing at all is known.
func (r Referral) IsZero() bool { return r == Referral{} }

// Merge unites two views of one chat. Of two referrals the earlier counts; in
// the same millisecond the one that is less by its fields.
func (c Contact) Merge(d Contact) Contact {
	c.FirstInAt, c.FirstOutAt = earliest(c.FirstInAt, d.FirstInAt), earliest(c.FirstOutAt, d.FirstOutAt)
	c.LastInAt, c.LastOutAt = max(c.LastInAt, d.LastInAt), max(c.LastOutAt, d.LastOutAt)
	if d.ReferralAt != 0 && (c.ReferralAt == 0 || d.ReferralAt < c.ReferralAt ||
		(d.ReferralAt == c.ReferralAt && d.Referral.less(c.Referral))) {
		c.ReferralAt, c.Referral = d.ReferralAt, d.Referral
	}
	return c
}

func earliest(a, b int64) int64 {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}

func (r Referral) less(q Referral) bool {
	a, b := r.fields(), q.fields()
	for i := range a {
		if a[i] != b[i] {
			return a[i] > b[i] // a known field before an empty one
		}
	}
	return false
}

func (r Referral) fields() [17]string {
	return [...]string{r.SourceID, r.ClickID, r.SourceType, r.SourceURL, r.SourceApp, r.Title, r.Entry, r.EntryApp, r.ConversionSource, r.Ref, r.UTM,
		r.MediaType, r.ExternalSource, r.ExternalMedium, r.UTMSource, r.UTMCampaign, r.CampaignID}
}
