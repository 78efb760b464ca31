package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"tandai/internal/store"
	"tandai/internal/store/sqlite"
	"tandai/internal/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		path := filepath.Join(t.TempDir(), "tandai.db")
		s := open(t, path)
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		raw, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { raw.Close() })
		h := storetest.OnDB(s, raw)
		h.Reopen = func(t testing.TB) store.Store { return open(t, path) }
		h.Bare = func(t testing.TB) store.Store { return open(t, filepath.Join(t.TempDir(), "bare.db")) }
		return h
	})
}

func open(t testing.TB, path string) store.Store {
	t.Helper()
	s, err := sqlite.Open(sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}
