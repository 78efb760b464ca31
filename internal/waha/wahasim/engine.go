package wahasim

// Engine is WAHA's way to speak WhatsApp; each shapes its payloads differently.
type Engine string

const (
	// GOWS sends label events whose label is always null, and label.upsert / label.deleted.
	GOWS Engine = "GOWS"
	// NOWEB sends the label as an object, or null while it does not know it.
	NOWEB Engine = "NOWEB"
	// WPP sends wa-js' own label object and neither label.upsert nor label.deleted.
	WPP Engine = "WPP"
	// WEBJS sends no label events at all; only messages and statuses.
	WEBJS Engine = "WEBJS"
)

// DefaultVersion is the WAHA version simulated unless another is asked for.
const DefaultVersion = "2026.9.2"

// VersionWithoutEngine is the version whose GOWS envelopes lack the top-level
// engine, and whose session.status payloads lack data.
// Source: observed on a real server of that version.
const VersionWithoutEngine = "2026.2.1"

// traits of one engine that its envelopes show.
type traits struct {
	device  int  // the device number in me.jid
	browser bool // runs in a browser
	webMe   bool // me is id and pushName only
}

func (e Engine) traits() (traits, bool) {
	switch e {
	case GOWS:
		return traits{device: 7}, true
	case NOWEB:
		return traits{device: 12}, true
	case WPP, WEBJS:
		return traits{browser: true, webMe: true}, true
	}
	return traits{}, false
}

const browserPath = "/usr/bin/google-chrome-stable"

// colours are the 20 label colours by index. Source: WAHA, Label.toHex.
var colours = [...]string{
	"#ff9485", "#64c4ff", "#ffd429", "#dfaef0", "#99b6c1", "#55ccb3", "#ff9dff", "#d3a91d", "#6d7cce", "#d7e752",
	"#00d0e2", "#ffc5c7", "#93ceac", "#f74848", "#00a0f2", "#83e422", "#ffaf04", "#b5ebff", "#9ba6ff", "#9368cf",
}

// hexOf is the colour WAHA shows for an index; it knows no more than 20.
func hexOf(color int) string {
	if color < 0 || color >= len(colours) {
		return "#000000"
	}
	return colours[color]
}
