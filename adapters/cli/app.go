package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"github.com/cohortlens/cohortlens/adapters/config"
	"github.com/cohortlens/cohortlens/adapters/service"
)

func newApp(p Process) *cli.App {
	app := &cli.App{
		Name:      "cohortlens",
		Usage:     "from a customer file to segments, predictions and a report",
		UsageText: "cohortlens COMMAND [FILE] [flags]",
		Description: `Start with "cohortlens run": it writes a report on sample data.
Configuration comes from config/config.yaml, .env, the environment (COHORTLENS_...)
and flags, each over the one before.`,
		Flags: parserFlags(globalFlags), HideVersion: true, HideHelp: true,
		Reader: p.Stdin, Writer: p.Stdout, ErrWriter: p.Stderr,
		// The parser would print and exit by itself.
		ExitErrHandler: func(*cli.Context, error) {},
		OnUsageError:   func(_ *cli.Context, err error, _ bool) error { return &usageError{message: err.Error()} },
		Action:         func(ctx *cli.Context) error { return p.help(ctx, "") },
	}
	for i := range commands {
		app.Commands = append(app.Commands, newCommand(p, &commands[i]))
	}
	return app
}

func newCommand(p Process, c *command) *cli.Command {
	return &cli.Command{
		Name: c.name, Usage: c.usage, ArgsUsage: c.takes, Description: c.description,
		UsageText: fmt.Sprintf("cohortlens %s %s [flags]", c.name, c.takes),
		Flags:     parserFlags(c.flags), HideHelp: true,
		OnUsageError: func(_ *cli.Context, err error, _ bool) error { return &usageError{message: err.Error()} },
		Action: func(ctx *cli.Context) error {
			s := &session{process: p, command: c, flags: ctx, progress: progress{out: p.Stderr}}
			defer s.progress.finish()
			return c.run(s)
		},
	}
}

// session is one command under way.
type session struct {
	process  Process
	command  *command
	flags    *cli.Context
	progress progress
}

// service reads the configuration and makes the service of the command.
func (s *session) service() (*service.Service, error) {
	c, err := config.Load(config.Sources{Dir: s.process.Dir, File: s.flags.String("config"), Environ: s.process.Environ})
	if err != nil {
		return nil, err
	}
	if err := configure(c, s.flags, append(s.command.flags, globalFlags...)); err != nil {
		return nil, err
	}
	if url := s.flags.String("database"); url != "" {
		c.Database.URL = config.Secret(url)
	}
	n, err := workers(s.flags)
	if err != nil {
		return nil, err
	}
	logger := newLogger(s.process.Stderr, c.Logging)
	logger.Debug("configuration", "file", c.File, "root", c.Root)
	for _, w := range c.Warnings {
		logger.Warn(w)
	}
	o := service.Options{
		Stdin: s.process.Stdin, Stdout: s.process.Stdout, Dir: s.process.Dir, Version: version(), Created: s.process.Now, Workers: n, Log: logger,
		Actor: s.process.Actor,
	}
	if s.process.Terminal && !s.json() {
		o.Progress = s.progress.update
	}
	return service.New(c, o)
}

func (s *session) json() bool { return s.flags.Bool("json") }

// data returns the path of the data, given as an argument or by --data.
func (s *session) data() (string, error) {
	argument := s.flags.Args().First()
	if argument != "" && s.flags.IsSet("data") {
		return "", &usageError{message: "the data is named twice: by an argument and by --data"} // either may hold a password
	}
	if argument != "" {
		return argument, nil
	}
	return s.flags.String("data"), nil
}

// show prints a document, as JSON or for people.
func (s *session) show(document any, human func(*printer)) error {
	s.progress.finish()
	if s.json() {
		return service.WriteJSON(s.process.Stdout, document)
	}
	p := &printer{}
	human(p)
	_, err := s.process.Stdout.Write(p.Bytes())
	return err
}

// checkSafe refuses --excel-safe where there is no CSV file for it.
func (s *session) checkSafe() error {
	if s.flags.Bool("excel-safe") && !s.flags.IsSet("out") {
		return &usageError{message: "--excel-safe is for a CSV file: name it with --out F.csv"}
	}
	return nil
}

// report serves run, which writes the figures as files too, and report.
func (s *session) report() error {
	svc, data, err := s.prepare()
	if err != nil {
		return err
	}
	r := service.ReportRequest{Data: data, Output: s.flags.String("output"), Previous: s.flags.String("previous"), Baseline: s.flags.String("baseline")}
	if s.command.name == "run" {
		r.FigureFiles, r.FiguresDir = true, s.flags.String("figures")
	}
	d, err := svc.Report(s.flags.Context, r)
	if err != nil {
		return err
	}
	return s.show(d, func(p *printer) { p.reportDocument(d) })
}

// prepare finds the data and makes the service.
func (s *session) prepare() (*service.Service, string, error) {
	data, err := s.data()
	if err != nil {
		return nil, "", err
	}
	svc, err := s.service()
	return svc, data, err
}

// version is the version of the module that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev"
	}
	return info.Main.Version
}

func (s *session) version() error {
	d := struct {
		Version string `json:"version"`
		Go      string `json:"go"`
	}{version(), runtime.Version()}
	return s.show(d, func(p *printer) { p.line("cohortlens %s (%s)", d.Version, d.Go) })
}
