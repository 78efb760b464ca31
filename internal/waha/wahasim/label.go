package wahasim

import "strconv"

// Label puts a label on the lead's chat: label.chat.added. Putting it on again
// is emitted again, as WAHA does. WEBJS emits nothing.
func (p *Phone) Label(at int64, lead Lead, labelID string) Event {
	return p.mark(at, lead, labelID, true)
}

// Unlabel takes a label from the lead's chat: label.chat.deleted. It may not
// have been there: WAHA is known to send such events. WEBJS emits nothing.
func (p *Phone) Unlabel(at int64, lead Lead, labelID string) Event {
	return p.mark(at, lead, labelID, false)
}

func (p *Phone) mark(at int64, lead Lead, labelID string, on bool) Event {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	at = p.stamp(at)
	lead = p.address(lead)
	p.person(lead).mark(at, lead, labelID, on)
	p.rev++
	return p.association(at, lead.ChatID(), labelID, on)
}

// LabelChat emits what Label or Unlabel would for any chat id: groups,
// broadcasts, newsletters, odd forms. It is no lead's, so Truth knows nothing of it.
func (p *Phone) LabelChat(at int64, chatID, labelID string, on bool) Event {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	if p.others[chatID] == nil {
		p.others[chatID] = map[string]bool{}
	}
	p.others[chatID][labelID] = on
	p.rev++
	return p.association(p.stamp(at), chatID, labelID, on)
}

func (p *Phone) association(at int64, chatID, labelID string, on bool) Event {
	name := "label.chat.deleted"
	if on {
		name = "label.chat.added"
	}
	var w writer
	w.obj().kstr("labelId", labelID)
	switch p.cfg.Engine {
	case GOWS:
		w.kraw("label", "null").kstr("chatId", chatID)
	case NOWEB:
		w.kstr("chatId", chatID).key("label")
		if l, ok := p.labels[labelID]; ok {
			l.write(&w, l.Name)
		} else {
			w.raw("null")
		}
	case WPP:
		w.key("label")
		if l, ok := p.labels[labelID]; ok {
			l.writeWAJS(&w, p.count(labelID))
		} else {
			w.raw("null")
		}
		w.kstr("chatId", chatID)
	default:
		return Event{}
	}
	return p.event(at, name, w.end().string())
}

// write is WAHA's own label object.
func (l Label) write(w *writer, name string) {
	w.obj().kstr("id", l.ID).kstr("name", name).kint("color", int64(l.Color)).kstr("colorHex", hexOf(l.Color)).end()
}

// writeWAJS is wa-js' label: color is an ARGB number there, and there is no colorHex.
// Source: @wppconnect/wa-js, labels/types.d.ts.
func (l Label) writeWAJS(w *writer, count int) {
	hex := hexOf(l.Color)
	rgb, _ := strconv.ParseUint(hex[1:], 16, 32) // hexOf gives six hex digits
	w.obj().kstr("id", l.ID).kstr("name", l.Name).kint("color", int64(0xff000000|rgb)).
		kint("count", int64(count)).kstr("hexColor", hex).kint("colorIndex", int64(l.Color)).end()
}

// Upsert creates, renames or recolours a label: label.upsert. WPP and WEBJS emit nothing.
func (p *Phone) Upsert(at int64, l Label) Event {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	at = p.stamp(at)
	p.labels[l.ID] = l
	p.rev++
	if p.traits.webMe {
		return Event{}
	}
	var w writer
	l.write(&w, l.Name)
	return p.event(at, "label.upsert", w.string())
}

// DeleteLabel deletes a label on the phone: label.deleted, and every chat loses
// it without an event of its own. GOWS then sends the id alone, NOWEB an empty
// name; WPP and WEBJS emit nothing.
func (p *Phone) DeleteLabel(at int64, labelID string) Event { return p.deleteLabel(at, labelID, false) }

// DeleteLabelByREST deletes a label through WAHA's own interface; GOWS then
// sends the whole label.
func (p *Phone) DeleteLabelByREST(at int64, labelID string) Event {
	return p.deleteLabel(at, labelID, true)
}

func (p *Phone) deleteLabel(at int64, labelID string, full bool) Event {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	at = p.stamp(at)
	l, known := p.labels[labelID]
	delete(p.labels, labelID)
	p.rev++
	for _, on := range p.others {
		delete(on, labelID)
	}
	for _, who := range p.people {
		who.drop(at, labelID)
	}
	var w writer
	switch {
	case p.traits.webMe:
		return Event{}
	case known && p.cfg.Engine == NOWEB:
		l.write(&w, "")
	case known && full:
		l.write(&w, l.Name)
	default:
		w.obj().kstr("id", labelID).end()
	}
	return p.event(at, "label.deleted", w.string())
}
