package cli

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
)

func (s *session) help() error {
	name := s.flags.Args().First()
	return s.process.help(s.flags, name)
}

// help prints the help of the program, or of a command. The parser would print
// it too, but not say when that fails.
func (p Process) help(ctx *cli.Context, name string) error {
	var text bytes.Buffer
	ctx.App.Writer = &text
	show := cli.ShowAppHelp
	switch {
	case name != "" && ctx.App.Command(name) == nil:
		show = func(ctx *cli.Context) error { return groupHelp(ctx, name) }
	case name != "":
		show = func(ctx *cli.Context) error { return cli.ShowCommandHelp(ctx, name) }
	}
	if err := show(ctx); err != nil {
		return err
	}
	_, err := io.WriteString(p.Stdout, wrapHelp(text.String()))
	return err
}

// groupHelp shows the help of each command of a group.
func groupHelp(ctx *cli.Context, group string) error {
	for _, c := range ctx.App.Commands {
		if !strings.HasPrefix(c.Name, group+" ") {
			continue
		}
		if err := cli.ShowCommandHelp(ctx, c.Name); err != nil {
			return err
		}
	}
	return nil
}

// helpWidth is the length of a line of help, if its words allow.
const helpWidth = 100

// explained is the start of a line up to what explains a name.
var explained = regexp.MustCompile(`^ +\S.*?  +|^ *`)

// wrapHelp breaks the lines that are too long. What follows stands below the
// explanation that it belongs to.
func wrapHelp(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if utf8.RuneCountInString(line) > helpWidth {
			start := explained.FindString(line)
			b.WriteString(start)
			line = strings.Join(wrapped(line[len(start):], helpWidth-len(start)), "\n"+strings.Repeat(" ", len(start))) + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}
