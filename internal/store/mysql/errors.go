package mysql

import (
	"errors"
	"strconv"

	driver "github.com/go-sql-driver/mysql"

	"tandai/internal/store"
)

// Server error numbers. Sources: MySQL 8 and MariaDB server error references;
// TiDB error codes.
const (
	erDupEntry           = 1062
	erLockWaitTimeout    = 1205
	erLockDeadlock       = 1213
	erCheckread          = 1020 // record has changed since last read
	tidbWriteConflict    = 9007
	tidbRetryable        = 8022
	tidbInfoSchemaChange = 8028
)

// refused are the errors that lie in what was sent, not in the server's state.
var refused = map[uint16]bool{
	1048:       true, // column cannot be null
	erDupEntry: true,
	1105:       true, // a proxy's or cluster's "unknown error" about one statement
	1118:       true, // row too large
	1153:       true, // packet too large: half of it may pass
	1264:       true, // out of range
	1265:       true, // truncated
	1292:       true, // wrong value
	1300:       true, // invalid character string
	1364:       true, // no default
	1366:       true, // incorrect value
	1406:       true, // too long
	1451:       true, // foreign keys
	1452:       true,
	1526:       true, // no partition for the value
	1644:       true, // SIGNAL of somebody's own trigger
	1690:       true, // out of range in an expression
	3140:       true, // invalid JSON
	3819:       true, // check constraint (MySQL)
	3854:       true,
	3988:       true, // a character the connection's set does not have
	4025:       true, // check constraint (MariaDB)
}

func number(err error) uint16 {
	var e *driver.MySQLError
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}

// Classify tells an error's class by its number. Numbers that are not known to
// lie in the data are the server's trouble: away, full, read-only, no rights.
func Classify(err error) (code string, class error) {
	n := number(err)
	text := ""
	if n != 0 {
		text = strconv.Itoa(int(n))
	}
	switch n {
	case erLockWaitTimeout, erLockDeadlock, erCheckread, tidbWriteConflict, tidbRetryable, tidbInfoSchemaChange:
		return text, store.ErrConflict
	}
	if refused[n] {
		return text, store.ErrRefused
	}
	return text, store.ErrUnavailable
}
