package wahasim

import "cmp"

// content is WhatsApp's message itself, as whatsmeow (GOWS) or Baileys (NOWEB)
// write it: the two spell sourceID / sourceId and its like differently.
func (m Message) content(e Engine) string {
	var w writer
	w.obj()
	if m.Ad == nil {
		return w.kstr("conversation", m.Text).end().string()
	}
	w.key("extendedTextMessage").obj().kstr("text", m.Text).key("contextInfo")
	if m.Ad.Opaque {
		m.Ad.writeOpaque(&w)
		return w.end().end().string()
	}
	if e == NOWEB {
		m.Ad.write(&w, `"mediaType":"IMAGE"`, "thumbnailUrl", "originalImageUrl", "sourceId", "sourceUrl")
		return w.end().end().string()
	}
	m.Ad.write(&w, `"mediaType":1`, "thumbnailURL", "originalImageURL", "sourceID", "sourceURL")
	return w.pairs(`"inviteLinkGroupTypeV2":0`).end().
		pairs(`"messageContextInfo":{"deviceListMetadataVersion":2}`).end().string()
}

func (r *Referral) write(w *writer, media, thumbnail, image, id, url string) {
	w.obj().kstr("conversionSource", "FB_Ads").kstr("conversionData", cmp.Or(r.Conversion, "QWZFeGFtcGxl")).
		kint("conversionDelaySeconds", int64(r.DelaySeconds))
	w.key("externalAdReply").obj().kstr("title", r.Title).kstr("body", r.Body).pairs(media).
		kstr(thumbnail, "https://scontent.example/thumb.jpg").kstr("thumbnail", "/9j/4AAQSkZJRg==").
		kstr("sourceType", "ad").kstr(id, r.AdID).kstr(url, r.URL).
		pairs(`"containsAutoReply":false,"renderLargerThumbnail":true,"showAdAttribution":true`).
		kstr("ctwaClid", r.ClickID).kstr("sourceApp", r.App).kstr(image, "https://scontent.example/full.jpg").end()
	w.kstr("entryPointConversionSource", "ctwa_ad").kstr("entryPointConversionApp", r.App).
		kint("entryPointConversionDelaySeconds", int64(r.DelaySeconds)).
		kstr("ctwaSignals", "{}").kstr("ctwaPayload", cmp.Or(r.Payload, "QXJiaXRyYXJ5")).end()
}

// writeOpaque is what some messages carry since 2026: tokens, no advertisement.
func (r *Referral) writeOpaque(w *writer) {
	w.obj().kstr("conversionSource", "FB_Ads").kstr("conversionData", cmp.Or(r.Conversion, "QWZPcGFxdWU=")).
		kstr("entryPointConversionSource", "ctwa_ad").kstr("entryPointConversionApp", r.App).
		kstr("ctwaPayload", cmp.Or(r.Payload, "T3BhcXVl")).end()
}
