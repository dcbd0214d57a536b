//go:build !unix

package pgtest

import (
	"os"
	"os/exec"
)

var immediateShutdown = os.Kill

// guard does nothing: there is no shell to count on.
func guard(*Cluster) (release func() error, err error) {
	return func() error { return nil }, nil
}

// runAs leaves the user as it is: only on Unix does the server refuse one.
func runAs(*exec.Cmd, *account) {}
