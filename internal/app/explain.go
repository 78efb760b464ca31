package app

import (
	"context"
	"errors"
	"fmt"

	"tandai/internal/inbox"
	"tandai/internal/store"
	"tandai/internal/store/sqlstore"
)

// checkSchema tells whether the database can be used as it is.
func checkSchema(ctx context.Context, db store.Store) error {
	have, want, err := db.SchemaVersion(ctx)
	switch {
	case err != nil:
		return err
	case have > want:
		return sqlstore.ErrNewerSchema
	case have < want:
		return fmt.Errorf("the database's schema is at version %d, this program needs %d: run `tandai migrate`, or `tandai serve`, which does it by itself", have, want)
	}
	return nil
}

// Explain is an error as a person should read it: what happened, and what to do.
// Passwords are not in the errors of drivers; numbers of people are masked.
func Explain(err error) string {
	text := Mask(err.Error())
	switch {
	case errors.Is(err, store.ErrUnavailable) && !errors.Is(err, sqlstore.ErrNewerSchema):
		return text + "\nThe database cannot be used. `tandai doctor` looks at it step by step."
	case errors.Is(err, inbox.ErrCorrupt):
		return text + "\nMove the file aside (do not delete it: it may hold events that are not recorded yet), start again, and see docs/operating.md."
	}
	return text
}
