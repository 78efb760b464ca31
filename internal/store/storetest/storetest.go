// Package storetest is the one suite that every engine's store must pass, and
// what tests of other packages need to make and to check histories: builders of
// inputs (Scene), a generator (DrawHistory), the tables as text (Dump) and what
// they must hold (Want), computed in Go without a database.
package storetest

import (
	"database/sql"
	"testing"

	"tandai/internal/store"
)

// Harness is one store on a database of its own, and a second way into that
// database.
type Harness struct {
	// Store is open on an empty, migrated database.
	Store store.Store
	// Query runs SQL beside the store, with '?' for parameters, and returns the
	// rows as text, NULL as "NULL".
	Query func(t testing.TB, query string, args ...any) [][]string
	// Exec runs SQL behind the store's back.
	Exec func(t testing.TB, query string, args ...any)
	// Try is Exec for what ought to fail.
	Try func(query string, args ...any) error
	// Columns are the names of a query's columns.
	Columns func(t testing.TB, query string, args ...any) []string
	// Reopen is a second server on the same database. It closes with the test.
	Reopen func(t testing.TB) store.Store
	// Bare is a store on another database that nobody has migrated.
	Bare func(t testing.TB) store.Store
}

// OnDB fills in the ways to run SQL; Reopen and Bare are the engine's.
func OnDB(s store.Store, raw *sql.DB) Harness {
	return Harness{
		Store: s,
		Query: func(t testing.TB, query string, args ...any) [][]string {
			t.Helper()
			_, all, err := read(raw, query, args)
			if err != nil {
				t.Fatalf("%s: %v", query, err)
			}
			return all
		},
		Exec: func(t testing.TB, query string, args ...any) {
			t.Helper()
			if _, err := raw.Exec(query, args...); err != nil {
				t.Fatalf("%s: %v", query, err)
			}
		},
		Try: func(query string, args ...any) error {
			_, err := raw.Exec(query, args...)
			return err
		},
		Columns: func(t testing.TB, query string, args ...any) []string {
			t.Helper()
			names, _, err := read(raw, query, args)
			if err != nil {
				t.Fatalf("%s: %v", query, err)
			}
			return names
		},
	}
}

func read(raw *sql.DB, query string, args []any) (names []string, all [][]string, err error) {
	rows, err := raw.Query(query, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	if names, err = rows.Columns(); err != nil {
		return nil, nil, err
	}
	cells, into := make([]sql.NullString, len(names)), make([]any, len(names))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, nil, err
		}
		row := make([]string, len(cells))
		for i, c := range cells {
			if row[i] = "NULL"; c.Valid {
				row[i] = c.String
			}
		}
		all = append(all, row)
	}
	return names, all, rows.Err()
}

// Run runs the suite. Every call of open gives a new, empty, migrated database.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	for _, part := range []struct {
		name string
		run  func(*world)
	}{
		{"migrations", testMigrations},
		{"one event in every table", testOneEvent},
		{"label events columns", testEventColumns},
		{"idempotent", testIdempotent},
		{"deletions in any order", testDeletions},
		{"names", testNames},
		{"names of every script", testScripts},
		{"one person in every order", testPeople},
		{"people who change", testPeopleWhoChange},
		{"contacts", testContacts},
		{"pairing", testPairing},
		{"look-ups", testLookups},
		{"people as shown", testPeopleShown},
		{"ten thousand leads", testTenThousand},
		{"catalogue", testCatalogue},
		{"numbers", testNumbers},
		{"clients", testClients},
		{"zones", testZones},
		{"replay", testReplay},
		{"views", testViews},
		{"views with names that clash", testViewClashes},
		{"import", testImport},
		{"import meets webhooks", testImportMeetsWebhooks},
		{"refused", testRefused},
		{"away", testAway},
		{"missing", testMissing},
		{"export", testExport},
		{"pages", testPages},
		{"reconciliation", testReconciliation},
		{"ambiguous", testAmbiguous},
		{"any order", testAnyOrder},
		{"analysts' query", testAnalystsQuery},
		{"rebuild", testRebuild},
		{"rebuild beside a writer", testRebuildBesideWriter},
		{"two servers", testTwoServers},
		{"two servers on the same people", testTwoServersSamePeople},
		{"two servers meet", testTwoServersMeet},
		{"activity", testActivity},
		{"alarms", testAlarms},
		{"radar's lease", testRadarLease},
		{"outbox", testOutbox},
		{"outbox of two servers", testOutboxServers},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(newWorld(t, open(t))) })
	}
}
