//go:build !unix

package pgtest

import (
	"os"
	"os/exec"
)

var immediateShutdown = os.Kill

// runAs leaves the user as it is: only on Unix does the server refuse one.
func runAs(*exec.Cmd, *account) {}
