//go:build race

package inbox

import "flag"

// The race detector makes SQLite ten times slower: the model is compared less
// often, unless the command line says otherwise.
func init() { slowly = func() { flag.Set("rapid.checks", "15") } }
