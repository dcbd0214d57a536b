package cli

import (
	"io"
	"log/slog"

	"github.com/schollz/progressbar/v3"

	"github.com/cohortlens/cohortlens/adapters/config"
)

// progress shows one bar for each stage of the work.
type progress struct {
	out   io.Writer
	stage string
	bar   *progressbar.ProgressBar
}

func newProgress(out io.Writer) *progress { return &progress{out: out} }

// update is called with how much of a stage is done. A failing terminal must not
// end the work, so that errors of the bar are left aside.
func (p *progress) update(stage string, done, total int) {
	if p.bar == nil || stage != p.stage {
		p.stage = stage
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription(stage),
			progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())
	}
	_ = p.bar.Set(min(done, total))
}

// newLog returns a log to standard error.
func newLog(out io.Writer, c config.Logging) *slog.Logger {
	levels := map[string]slog.Level{"DEBUG": slog.LevelDebug, "INFO": slog.LevelInfo, "WARN": slog.LevelWarn, "ERROR": slog.LevelError}
	o := &slog.HandlerOptions{Level: levels[c.Level]}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(out, o))
	}
	return slog.New(slog.NewTextHandler(out, o))
}
