package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"tandai/internal/mariadbtest"
)

func TestRun(t *testing.T) {
	mariadbtest.Start(t) // skips the test where there is no MariaDB
	out := filepath.Join(t.TempDir(), "out")
	for _, tt := range []struct {
		name string
		args []string
		want int
	}{
		{"exits as the command did", []string{"sh", "-c", "exit 7"}, 7},
		{"a command that succeeds", []string{"--", "true"}, 0},
		{"a command that is killed", []string{"sh", "-c", "kill -9 $$"}, 137},
		{"a command that does not exist", []string{"--", "/nonexistent"}, 1},
		{"an option MariaDB does not know", []string{"--no-such-option", "true"}, 1},
		{"the URL reaches the command", []string{"sh", "-c", `echo "$TANDAI_TEST_MYSQL" >` + out}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := run(tt.args); got != tt.want {
				t.Errorf("exit code %d, want %d", got, tt.want)
			}
		})
	}
	if err := exec.Command("grep", "-Eq", `^mysql://root@127\.0\.0\.1:[0-9]+/tandai$`, out).Run(); err != nil {
		t.Errorf("TANDAI_TEST_MYSQL as the command saw it is no URL: %v", err)
	}
}
