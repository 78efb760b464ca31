package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"tandai/internal/app"
)

type migrateCmd struct {
	JSON bool `help:"Print the result as JSON."`
}

func (c *migrateCmd) Run(ctx context.Context, g *Globals, o out) error {
	cfg, err := g.load(nil)
	if err != nil {
		return err
	}
	db, err := app.OpenStore(cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	steps, err := app.Prepare(ctx, db, cfg)
	if err != nil {
		return err
	}
	notes, err := db.EnsureViews(ctx)
	if err != nil {
		return fmt.Errorf("the schema is up to date, but views of sessions could not be made: %w", err)
	}
	version, _, err := db.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(o).Encode(map[string]any{"steps": steps, "version": version, "views_left_alone": len(notes)})
	}
	for _, n := range notes {
		fmt.Fprintf(o, "session %s: %s\n", n.Session, n.Note)
	}
	did := "it was there already"
	if steps > 0 {
		did = "steps taken: " + strconv.Itoa(steps)
	}
	_, err = fmt.Fprintf(o, "%s: schema at version %d; %s\n", cfg.Database, version, did)
	return err
}
