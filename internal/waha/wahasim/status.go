package wahasim

// WAHA's session statuses.
const (
	StatusStopped      = "STOPPED"
	StatusStarting     = "STARTING"
	StatusScanQR       = "SCAN_QR_CODE"
	StatusPasskey      = "PASSKEY_REQUIRED"
	StatusPasskeyCheck = "PASSKEY_CONFIRMATION_REQUIRED"
	StatusWorking      = "WORKING"
	StatusFailed       = "FAILED"
)

type statusAt struct {
	status string
	at     int64
}

// Status moves the session to a status: session.status, with the last three.
// From STARTING until WORKING the envelope's me is null, in every event. data is
// JSON ("" means null): {"code":"1234"} while a passkey is confirmed, limits of
// the account when WORKING is said again; old versions leave it out.
func (p *Phone) Status(at int64, status, data string) Event {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	at = p.stamp(at)
	switch status {
	case StatusWorking, StatusFailed:
		p.connected = true
	default:
		p.connected = false
	}
	p.statuses = append(p.statuses, statusAt{status, at})
	if n := len(p.statuses); n > 3 {
		p.statuses = p.statuses[n-3:]
	}
	if data == "" {
		data = "null"
	}
	var w writer
	w.obj().kstr("name", p.cfg.Session).kstr("status", status).key("statuses").arr()
	for _, s := range p.statuses {
		w.obj().kstr("status", s.status).kint("timestamp", s.at).end()
	}
	w.rra()
	if p.cfg.Version != VersionWithoutEngine {
		w.kraw("data", data)
	}
	return p.event(at, "session.status", w.end().string())
}
