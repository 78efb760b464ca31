package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"tandai/internal/config"
)

const noKey = `
No signature key is configured, so whoever reaches the door could write to the log. Nothing was written.
  --make-key FILE   makes one in a new file, gives it to WAHA, and says where to put it
  --no-key          goes without one
`

// offerKey asks whether a key is to be made.
func (p *connecting) offerKey() bool {
	if p.ask == nil || p.keyFile != "" {
		return false
	}
	yes, _ := p.ask(fmt.Sprintf("No signature key is configured, so whoever reaches the door could write to the log.\nMake one in %s? [y/N] ", filepath.Join(p.cfg.DataDir, "waha_hmac_key")))
	return yes
}

// makeKey makes a key that saveKey will write; until then nothing is written.
func (p *connecting) makeKey(file string) error {
	if !slices.ContainsFunc(p.cfg.AllServers(), func(s config.Server) bool { return len(s.HMACKey) == 0 }) {
		return errors.New("a key is configured already (waha.hmac_key): --make-key is for where there is none")
	}
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already: if it is a key, set waha.hmac_key_file to it; a new key needs a new file", file)
	}
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails
	p.keyFile, p.opt.Key, p.opt.KeyName = file, hex.EncodeToString(random), "the new key in "+file
	return nil
}

func saveKey(file, key string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("the new key could not be kept, so nothing was written to WAHA: %w", err)
	}
	_, err = fmt.Fprintln(f, key)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("the new key could not be kept, so nothing was written to WAHA: %w", err)
	}
	return nil
}
