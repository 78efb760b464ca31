package sqlstore

import (
	"context"
	"database/sql"

	"tandai/internal/lead"
	"tandai/internal/store"
)

type chatKey struct{ session, chat string }

// learnContacts merges the traces of messages into chats.
func (w *work) learnContacts(ctx context.Context, in []store.Input) error {
	about := set{}
	for _, i := range in {
		if i.Contact != nil {
			about.add(i.Session, i.Contact.ChatID)
		}
	}
	known := map[chatKey]lead.Contact{}
	err := w.db.eachKey(ctx, w.tx, "chats.read", about.keys(), func(r *sql.Rows) error {
		var c lead.Contact
		var firstIn, lastIn, firstOut, lastOut, referralAt sql.NullInt64
		f := &c.Referral
		err := r.Scan(&c.Session, &c.ChatID, &firstIn, &lastIn, &firstOut, &lastOut, &referralAt,
			&f.SourceType, &f.SourceID, &f.SourceURL, &f.SourceApp, &f.ClickID, &f.Title, &f.Entry, &f.EntryApp, &f.ConversionSource, &f.Ref, &f.UTM,
			&f.MediaType, &f.ExternalSource, &f.ExternalMedium, &f.UTMSource, &f.UTMCampaign, &f.CampaignID)
		c.FirstInAt, c.LastInAt, c.FirstOutAt, c.LastOutAt, c.ReferralAt = firstIn.Int64, lastIn.Int64, firstOut.Int64, lastOut.Int64, referralAt.Int64
		known[chatKey{c.Session, c.ChatID}] = c
		return err
	})
	if err != nil {
		return err
	}
	dirty := map[chatKey]bool{}
	for _, i := range in {
		if i.Contact == nil {
			continue
		}
		k := chatKey{i.Session, i.Contact.ChatID}
		have, ok := known[k]
		now := *i.Contact
		if ok {
			now = have.Merge(now)
		}
		if !ok || now != have {
			known[k], dirty[k] = now, true
		}
	}
	var write [][]any
	for k := range dirty {
		c, f := known[k], known[k].Referral
		l := w.ids[c.Session].Of(c.ChatID)
		if lead.IsHidden(l) {
			w.hide(c.Session, l, firstAt(c))
		}
		write = append(write, []any{
			c.Session, c.ChatID, l,
			null(c.FirstInAt), null(c.LastInAt), null(c.FirstOutAt), null(c.LastOutAt), null(c.ReferralAt),
			f.SourceType, f.SourceID, f.SourceURL, f.SourceApp, f.ClickID, f.Title, f.Entry, f.EntryApp, f.ConversionSource, f.Ref, f.UTM,
			f.MediaType, f.ExternalSource, f.ExternalMedium, f.UTMSource, f.UTMCampaign, f.CampaignID,
		})
	}
	return w.db.insert(ctx, w.tx, "chats.insert", write)
}

// firstAt is a chat's first message in either direction.
func firstAt(c lead.Contact) int64 {
	if c.FirstInAt == 0 || (c.FirstOutAt != 0 && c.FirstOutAt < c.FirstInAt) {
		return c.FirstOutAt
	}
	return c.FirstInAt
}
