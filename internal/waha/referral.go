package waha

import (
	"slices"
	"strings"
)

// Referral is what a message says of the advert that led to it
// (click-to-WhatsApp). All of it is as WhatsApp gave it; empty where it gave
// nothing. Since 2026 some messages carry only the conversion and entry point
// members: an advert, of unknown id.
//
// Sources: whatsmeow waE2E.ContextInfo and ExternalAdReplyInfo (GOWS), Baileys'
// proto.IContextInfo (NOWEB), WhatsApp Web's ctwaContext (WEBJS, not verified on
// a live WAHA).
type Referral struct {
	SourceType string `json:"source_type,omitempty"` // "ad" or "post"
	SourceID   string `json:"source_id,omitempty"`   // the advert's id
	SourceURL  string `json:"source_url,omitempty"`
	SourceApp  string `json:"source_app,omitempty"` // "facebook", "instagram"
	CtwaClid   string `json:"ctwa_clid,omitempty"`  // click id, for conversion APIs
	Title      string `json:"title,omitempty"`
	MediaType  string `json:"media_type,omitempty"` // "NONE", "IMAGE", "VIDEO"
	Ref        string `json:"ref,omitempty"`

	ConversionSource       string `json:"conversion_source,omitempty"` // "FB_Ads"
	ConversionDelaySeconds *int64 `json:"conversion_delay_seconds,omitempty"`

	EntryPointSource         string `json:"entry_point_source,omitempty"` // "ctwa_ad", "click_to_chat_link"
	EntryPointApp            string `json:"entry_point_app,omitempty"`
	EntryPointExternalSource string `json:"entry_point_external_source,omitempty"`
	EntryPointExternalMedium string `json:"entry_point_external_medium,omitempty"`

	UTM         string `json:"utm,omitempty"`
	UTMSource   string `json:"utm_source,omitempty"`
	UTMCampaign string `json:"utm_campaign,omitempty"`
	CampaignID  string `json:"campaign_id,omitempty"` // smbClientCampaignID
}

// referralNames are the members of a kept referral.
var referralNames = [...]string{
	"sourceType", "sourceId", "sourceUrl", "sourceApp", "ctwaClid", "title", "mediaType", "ref",
	"conversionSource", "conversionDelaySeconds",
	"entryPointConversionSource", "entryPointConversionApp",
	"entryPointConversionExternalSource", "entryPointConversionExternalMedium",
	"utm", "utmSource", "utmCampaign", "smbClientCampaignID",
}

const (
	refSourceType = iota
	refSourceID
	refSourceURL
	refSourceApp
	refCtwaClid
	refTitle
	refMediaType
	refRef
	refConversionSource
	refConversionDelay
	refEntrySource
	refEntryApp
	refEntryExternalSource
	refEntryExternalMedium
	refUTM
	refUTMSource
	refUTMCampaign
	refCampaignID
)

// referralParts are the referral's raw values, in the order of referralNames.
type referralParts [len(referralNames)]value

// referral bounds one value of a referral: a short string that says something,
// a number or a boolean, else nothing.
func (v value) referral() value {
	switch {
	case v.isString() && len(v) > 2 && len(v.inner()) <= maxText, v.isNumber() && len(v) <= maxNumber:
		return v
	}
	if _, ok := v.boolean(); ok {
		return v
	}
	return nil
}

// set keeps the first useful value of a member.
func (r *referralParts) set(i int, v value) {
	if r[i].absent() {
		r[i] = v.referral()
	}
}

// findReferral looks where the engines put a referral: in the contextInfo of any
// kind of message of GOWS (message1) or NOWEB (message2), in ctwaContext of
// WEBJS.
func findReferral(message1, message2, ctwa value) (r referralParts) {
	ctwa.each(func(key, v value) {
		if i := referralIndex(key); i >= 0 {
			r.set(i, v)
		}
	})
	r.search(message1, 0)
	r.search(message2, 0)
	return r
}

// search goes through a message's kinds ({"extendedTextMessage": {…}}) and into
// those that wrap another message ({"ephemeralMessage": {"message": {…}}}). It
// does not enter contextInfo.quotedMessage: the advert of a quoted message is
// not what led to this one.
func (r *referralParts) search(message value, depth int) {
	if depth > 4 {
		return
	}
	message.each(func(_, kind value) {
		kind.each(func(key, v value) {
			switch {
			case key.folds("contextinfo"):
				r.contextInfo(v)
			case key.folds("message"):
				r.search(v, depth+1)
			}
		})
	})
}

func (r *referralParts) contextInfo(v value) {
	var reply value
	v.each(func(key, v value) {
		switch i := referralIndex(key); {
		case i == refUTM && v.isObject():
			r.utm(v)
		case i >= refConversionSource:
			r.set(i, v)
		case i < 0 && key.folds("externaladreply"):
			reply = v
		}
	})
	if isAdvert(reply) || !r[refConversionSource].absent() {
		reply.each(func(key, v value) {
			if i := referralIndex(key); i >= 0 && i < refConversionSource {
				r.set(i, v)
			}
		})
	}
}

func (r *referralParts) utm(v value) {
	v.each(func(key, v value) {
		if i := referralIndex(key); i == refUTMSource || i == refUTMCampaign {
			r.set(i, v)
		}
	})
}

// isAdvert says that an externalAdReply stands for an advert. The same member
// dresses up links that people or bots send; their title and address are part of
// the message, and not ours to keep.
func isAdvert(reply value) (yes bool) {
	reply.each(func(key, v value) {
		switch referralIndex(key) {
		case refSourceType:
			yes = yes || v.folds("ad") || v.folds("post")
		case refSourceID, refCtwaClid:
			yes = yes || v.isString() && len(v) > 2
		default:
			if shown, _ := v.boolean(); shown {
				yes = yes || key.folds("showadattribution")
			}
		}
	})
	return yes
}

// referralIndex is the place of a member among referralNames, or -1. Engines
// write the same names in different letter case (sourceID, sourceId).
func referralIndex(key value) int {
	var buf [len("entryPointConversionExternalSource")]byte
	name, ok := key.lower(buf[:])
	if !ok {
		return -1
	}
	switch string(name) {
	case "sourcetype":
		return refSourceType
	case "sourceid":
		return refSourceID
	case "sourceurl":
		return refSourceURL
	case "sourceapp":
		return refSourceApp
	case "ctwaclid":
		return refCtwaClid
	case "title":
		return refTitle
	case "mediatype":
		return refMediaType
	case "ref":
		return refRef
	case "conversionsource":
		return refConversionSource
	case "conversiondelayseconds":
		return refConversionDelay
	case "entrypointconversionsource":
		return refEntrySource
	case "entrypointconversionapp":
		return refEntryApp
	case "entrypointconversionexternalsource":
		return refEntryExternalSource
	case "entrypointconversionexternalmedium":
		return refEntryExternalMedium
	case "utm":
		return refUTM
	case "utmsource":
		return refUTMSource
	case "utmcampaign":
		return refUTMCampaign
	case "smbclientcampaignid":
		return refCampaignID
	}
	return -1
}

// decode gives the referral, nil when there is nothing in it.
func (r *referralParts) decode() *Referral {
	if !slices.ContainsFunc(r[:], func(v value) bool { return !v.absent() }) {
		return nil
	}
	out := &Referral{
		SourceType: r[refSourceType].line(), SourceID: r[refSourceID].line(), SourceURL: r[refSourceURL].line(),
		SourceApp: r[refSourceApp].line(), CtwaClid: r[refCtwaClid].line(), Title: r[refTitle].line(),
		MediaType: r[refMediaType].line(), Ref: r[refRef].line(),
		ConversionSource: r[refConversionSource].line(),
		EntryPointSource: r[refEntrySource].line(), EntryPointApp: r[refEntryApp].line(),
		EntryPointExternalSource: r[refEntryExternalSource].line(),
		EntryPointExternalMedium: r[refEntryExternalMedium].line(),
		UTM:                      r[refUTM].line(), UTMSource: r[refUTMSource].line(), UTMCampaign: r[refUTMCampaign].line(),
		CampaignID: r[refCampaignID].line(),
	}
	// GOWS gives the enum's number, NOWEB its name.
	switch out.MediaType = strings.ToUpper(out.MediaType); out.MediaType {
	case "0":
		out.MediaType = "NONE"
	case "1":
		out.MediaType = "IMAGE"
	case "2":
		out.MediaType = "VIDEO"
	}
	// protobufjs writes a 64-bit number as a string.
	if n, ok := parseInt([]byte(r[refConversionDelay].line())); ok {
		out.ConversionDelaySeconds = &n
	}
	if *out == (Referral{}) {
		return nil // nothing but blanks
	}
	return out
}

// line is a scalar as text of one line: control characters become spaces.
func (v value) line() string {
	if !v.isString() {
		return string(v)
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if isControl(r) {
			return ' '
		}
		return r
	}, v.textOr()))
}
