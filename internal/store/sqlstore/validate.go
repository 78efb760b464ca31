package sqlstore

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/store"
)

// validate refuses what does not fit the columns, alike on engines that would
// cut it off, refuse it themselves, or take anything.
func validate(in []store.Input) error {
	for i := range in {
		if err := validateOne(&in[i]); err != nil {
			return &store.Error{Class: store.ErrRefused, Op: "record", Err: err}
		}
	}
	return nil
}

func validateOne(i *store.Input) error {
	if i.Outbound != nil {
		if err := validateOutbound(i.Outbound); err != nil || i.OnlyOutbound() {
			return err
		}
	}
	v := fits{}
	v.text("session", i.Session, 1, 120)
	v.text("number", i.Number, 0, 32)
	v.text("client", i.Client, 0, 190)
	v.text("status", i.Status, 0, 64)
	if e := i.Event; e != nil {
		v.same("event's session", e.Session, i.Session)
		v.id("event_id", e.ID)
		v.text("chat_id", e.ChatID, 1, 128)
		v.text("label_id", e.LabelID, 1, 64)
		v.text("klien", e.SaidClient, 0, 190)
		v.text("nomor_cs", e.SaidCS, 0, 32)
		v.positive("timestamp_unix", e.At)
		if e.Status != "add_label" && e.Status != "delete_label" {
			v.errs = append(v.errs, fmt.Errorf("status is %q", e.Status))
		}
		if e.Source != label.FromWebhook && e.Source != label.FromSnapshot && e.Source != label.FromImport {
			v.errs = append(v.errs, fmt.Errorf("source is %q", e.Source))
		}
		v.text("nomor_lead", lead.OfChat(e.ChatID), 1, 64)
	}
	if c := i.Change; c != nil {
		v.id("event_id", c.ID)
		v.text("label_id", c.LabelID, 1, 64)
		v.text("label name", c.Name, 0, 255)
		v.positive("timestamp", c.At)
	}
	if s := i.Sighting; s != nil {
		v.text("label_id", s.LabelID, 1, 64)
		v.text("label name", s.Name, 0, 255)
		v.positive("timestamp", i.At)
	}
	if p := i.Pair; p != nil {
		v.text("hidden id", p.Hidden, 5, 64)
		v.text("phone", p.Phone, 1, 32)
		if !lead.IsHidden(p.Hidden) || strings.Trim(p.Phone, "0123456789") != "" {
			v.errs = append(v.errs, errors.New("an identity is a hidden id and a phone in digits"))
		}
	}
	if c := i.Contact; c != nil {
		v.same("chat's session", c.Session, i.Session)
		v.text("chat_id", c.ChatID, 1, 64)
		r := c.Referral
		for name, f := range map[string]struct {
			text string
			max  int
		}{
			"source_type": {r.SourceType, 64}, "source_id": {r.SourceID, 255}, "source_url": {r.SourceURL, 512}, "source_app": {r.SourceApp, 64},
			"click_id": {r.ClickID, 512}, "title": {r.Title, 512}, "entry_point": {r.Entry, 64}, "entry_app": {r.EntryApp, 64},
			"conversion_source": {r.ConversionSource, 64}, "ref": {r.Ref, 512}, "utm": {r.UTM, 512},
			"media_type": {r.MediaType, 32}, "external_source": {r.ExternalSource, 255}, "external_medium": {r.ExternalMedium, 255},
			"utm_source": {r.UTMSource, 255}, "utm_campaign": {r.UTMCampaign, 255}, "campaign_id": {r.CampaignID, 255},
		} {
			v.text(name, f.text, 0, f.max)
		}
	}
	return errors.Join(v.errs...)
}

type fits struct{ errs []error }

func (v *fits) text(name, s string, least, most int) {
	switch n := utf8.RuneCountInString(s); {
	case n < least:
		v.errs = append(v.errs, fmt.Errorf("%s is %d characters, at least %d are needed", name, n, least))
	case n > most:
		v.errs = append(v.errs, fmt.Errorf("%s is %d characters, at most %d fit", name, n, most))
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		v.errs = append(v.errs, fmt.Errorf("%s is not text", name))
	}
}

func (v *fits) id(name, s string) {
	if len(s) != 64 || strings.Trim(s, "0123456789abcdef") != "" {
		v.errs = append(v.errs, fmt.Errorf("%s is not 64 hex digits", name))
	}
}

func (v *fits) positive(name string, n int64) {
	if n <= 0 {
		v.errs = append(v.errs, fmt.Errorf("%s is %d", name, n))
	}
}

func (v *fits) same(name, a, b string) {
	if a != b {
		v.errs = append(v.errs, fmt.Errorf("%s is %q, want %q", name, a, b))
	}
}
