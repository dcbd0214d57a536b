// Command cohortlens analyses customer files. "cohortlens help" says how.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/cohortlens/cohortlens/adapters/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(cli.Main(ctx, cli.System()))
}
