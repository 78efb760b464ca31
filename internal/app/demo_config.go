package app

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"tandai/internal/config"
	"tandai/internal/demo"
)

// writeDemoConfig writes the configuration the agency's data is meant for, so
// that the folder can be served again like any other. While the demo itself serves
// it, served is what it serves it with: the commands beside it read the same.
func writeDemoConfig(file string, opt DemoOptions, clients []demo.Client, key string, served *config.Config) error {
	type destination struct {
		Name   string `yaml:"name"`
		URL    string `yaml:"url"`
		Key    string `yaml:"key"`
		Enrich bool   `yaml:"enrich,omitempty"`
	}
	type relay struct {
		Destinations []destination `yaml:"destinations"`
	}
	type session struct {
		Name string `yaml:"name"`
		CS   string `yaml:"cs"`
	}
	type client struct {
		Name     string    `yaml:"name"`
		Timezone string    `yaml:"timezone"`
		Ignore   []string  `yaml:"ignore,omitempty"`
		Grades   []string  `yaml:"grades"`
		Won      []string  `yaml:"won,omitempty"`
		Lost     []string  `yaml:"lost,omitempty"`
		Sessions []session `yaml:"sessions"`
	}
	var doc struct {
		Addr     string            `yaml:"addr"`
		DataDir  string            `yaml:"data_dir"`
		Database string            `yaml:"database"`
		Log      map[string]string `yaml:"log"`
		WAHA     map[string]string `yaml:"waha"`
		Relay    *relay            `yaml:"relay,omitempty"`
		Clients  []client          `yaml:"clients"`
	}
	doc.Addr, doc.DataDir, doc.Database = opt.Addr, opt.Dir, cmp.Or(opt.Database, "sqlite")
	doc.Log = map[string]string{"format": cmp.Or(opt.LogFormat, "text")}
	doc.WAHA = map[string]string{"hmac_key": key}
	if served != nil {
		doc.WAHA["url"], doc.WAHA["api_key"] = served.WAHA.URL, served.WAHA.APIKey.Reveal()
		if served.WAHA.WebhookURL != "" {
			doc.WAHA["webhook_url"] = served.WAHA.WebhookURL
		}
		if all := served.Relay.Destinations; len(all) > 0 {
			doc.Relay = &relay{}
			for _, d := range all {
				doc.Relay.Destinations = append(doc.Relay.Destinations, destination{d.Name, d.URL, d.Key.Reveal(), d.Enrich})
			}
		}
	}
	for _, c := range clients {
		out := client{Name: c.Name, Timezone: c.Timezone, Ignore: c.Ignore, Grades: c.Grades, Won: c.Won, Lost: c.Lost}
		for _, s := range c.Sessions {
			out.Sessions = append(out.Sessions, session{s.Name, s.CS})
		}
		doc.Clients = append(doc.Clients, out)
	}
	text, err := yaml.Marshal(doc)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	text = append([]byte("# The demo's configuration. Nothing in this folder is about real people.\n"), text...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return fmt.Errorf("write the demo's configuration: %w", err)
	}
	return nil
}
