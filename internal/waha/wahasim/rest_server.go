package wahasim

import "net/http"

// version is what WAHA says of itself.
func (n *Node) version() string {
	engine, browser := GOWS, "null"
	if all := n.srv.allPhones(); len(all) > 0 {
		engine = all[0].Engine()
		if all[0].traits.browser {
			browser = `"` + browserPath + `"`
		}
	}
	var w writer
	return w.obj().kstr("version", n.srv.cfg.Version).kstr("engine", string(engine)).kstr("tier", n.srv.cfg.Tier).
		kraw("browser", browser).kstr("platform", "linux/x64").kraw("worker", `{"id":null}`).end().string()
}

func (n *Node) serverVersion(*call) reply { return ok(n.version()) }

func (n *Node) serverStatus(*call) reply {
	n.mu.Lock()
	started := n.started
	n.mu.Unlock()
	var w writer
	return ok(w.obj().kint("startTimestamp", started.UnixMilli()).kint("uptime", n.cfg.Now().Sub(started).Milliseconds()).
		kraw("worker", `{"id":null}`).end().string())
}

// health is Terminus'; Core had none before 2026.6.1.
func (n *Node) health(c *call) reply {
	if n.srv.cfg.Version == VersionWithoutEngine && n.srv.cfg.Tier == "CORE" {
		return exception(http.StatusUnprocessableEntity, "The feature is available only in Plus version for 'CORE' tier")
	}
	if r, ok := c.allowed(full, ""); !ok {
		return r
	}
	return ok(`{"status":"ok","info":{},"error":{},"details":{}}`)
}
