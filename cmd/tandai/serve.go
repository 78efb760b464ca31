package main

import (
	"context"
	"os"

	"tandai/internal/app"
	"tandai/internal/config"
)

type serveCmd struct {
	Addr           string `help:"host:port to listen on." placeholder:"ADDR"`
	InsecureNoHMAC bool   `name:"insecure-no-hmac" help:"Listen where others can reach although no signature key is set: anybody could write."`
}

func (c *serveCmd) Run(ctx context.Context, g *Globals) error {
	cfg, err := g.load(map[string]string{"addr": c.Addr})
	if err != nil {
		return err
	}
	log := app.NewLog(os.Stderr, cfg.Log)
	for _, warning := range config.UnknownEnv(os.Environ()) {
		log.WarnContext(ctx, "configuration", "warning", warning)
	}
	server, err := app.NewServer(cfg, app.Options{Version: version(), InsecureNoHMAC: c.InsecureNoHMAC}, log)
	if err != nil {
		return err
	}
	return server.Run(ctx)
}
