package cli

import (
	"io"
	"log/slog"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/cohortlens/cohortlens/adapters/config"
)

// progress shows one bar for each stage of the work. The zero value shows
// nothing. A failing terminal must not end the work, so that errors of the bar
// are left aside.
type progress struct {
	out   io.Writer
	stage string
	bar   *progressbar.ProgressBar
}

// update is called with how much of a stage is done.
func (p *progress) update(stage string, done, total int) {
	if p.bar == nil || stage != p.stage {
		p.finish()
		p.stage = stage
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription(stage),
			progressbar.OptionSetWidth(30), progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(50*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	_ = p.bar.Set(min(done, total))
}

// finish clears the line, also when a stage did not reach its end.
func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	p.bar = nil
}

// newLogger returns a log to standard error.
func newLogger(out io.Writer, c config.Logging) *slog.Logger {
	levels := map[string]slog.Level{"DEBUG": slog.LevelDebug, "INFO": slog.LevelInfo, "WARN": slog.LevelWarn, "ERROR": slog.LevelError}
	o := &slog.HandlerOptions{Level: levels[c.Level]}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(out, o))
	}
	return slog.New(slog.NewTextHandler(out, o))
}
