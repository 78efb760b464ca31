// Command mariadb runs another command with a private MariaDB at hand:
//
//	mariadb [-option=value …] [--] COMMAND [ARGUMENT …]
//
// It starts a server in a folder of its own, on a free port of 127.0.0.1, sets
// TANDAI_TEST_MYSQL to its URL, runs the command, removes the server and exits
// as the command did. Without a command it prints the URL and keeps the server
// until it is interrupted.
//
// Options before the command are mariadbd's: --innodb-buffer-pool-size=1G.
//
// It exits with 3, and says so in one line, where MariaDB is not installed.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"tandai/internal/mariadbtest"
)

func main() { os.Exit(run(os.Args[1:])) }

// run returns the exit code; deferred clean-up has happened by then.
func run(args []string) int {
	var options []string
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		option := args[0]
		args = args[1:]
		if option == "--" {
			break
		}
		options = append(options, option)
	}

	// From here on an interrupt ends the command, and that ends us.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)

	server, err := mariadbtest.New(mariadbtest.Config{Args: options})
	if err != nil {
		fmt.Fprintln(os.Stderr, "mariadb:", err)
		if errors.Is(err, mariadbtest.ErrNotInstalled) {
			return 3
		}
		return 1
	}
	defer func() {
		if err := server.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "mariadb:", err)
		}
	}()

	if len(args) == 0 {
		fmt.Println(server.URL())
		<-signals
		return 0
	}

	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), mariadbtest.EnvURL+"="+server.URL())
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "mariadb:", err)
		return 1
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case sig := <-signals:
			// Ctrl-C reaches the command by itself; a second one is harmless.
			_ = cmd.Process.Signal(sig)
		case err := <-done:
			return exitCode(err)
		}
	}
}

// exitCode is the command's, or 128 and the signal's number as shells have it.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, "mariadb:", err)
		return 1
	}
	if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return exit.ExitCode()
}
