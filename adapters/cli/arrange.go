package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cohortlens/cohortlens/adapters/store"
	"github.com/cohortlens/cohortlens/datasource"
)

// arrange puts the arguments into the one order that the flag parser
// understands: global flags, the command, its flags, then "--" and the rest. The
// parser itself would take every flag after the first plain argument for a plain
// argument.
func arrange(args []string) ([]string, error) {
	a := arrangement{command: findCommand(args), seen: map[string]bool{}}
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		switch {
		case arg == "--":
			a.plain = append(a.plain, args...)
			args = nil
		case len(arg) > 1 && arg[0] == '-':
			used, err := a.flag(arg, args)
			if err != nil {
				return nil, err
			}
			args = args[used:]
		default:
			a.plain = append(a.plain, arg)
		}
	}
	return a.result()
}

// arrangement is a command line being sorted.
type arrangement struct {
	command       *command
	global, local []string
	plain         []string
	seen          map[string]bool
}

// findCommand returns the command that the first plain arguments name, nil if
// there is none.
func findCommand(args []string) *command {
	words := firstWords(args)
	if len(words) == 0 {
		return nil
	}
	if c := commandNamed(words[0]); c != nil {
		return c
	}
	return commandNamed(strings.Join(words, " "))
}

// firstWords returns up to two plain arguments before any "--".
func firstWords(args []string) []string {
	var words []string
	for i := 0; i < len(args) && len(words) < 2; i++ {
		name, _, given := cutFlag(args[i])
		switch {
		case args[i] == "--":
			return words
		case name == "":
			words = append(words, args[i])
		case takesValue(name) && !given:
			i++
		}
	}
	return words
}

// takesValue reports whether a flag of any command has a value.
func takesValue(name string) bool {
	f := flagNamed(globalFlags, name)
	for i := 0; f == nil && i < len(commands); i++ {
		f = flagNamed(commands[i].flags, name)
	}
	return f != nil && !f.boolean
}

// cutFlag splits --name=value; the name is empty for a plain argument.
func cutFlag(arg string) (name, value string, given bool) {
	if len(arg) < 2 || arg[0] != '-' {
		return "", "", false
	}
	return strings.Cut(strings.TrimPrefix(arg[1:], "-"), "=")
}

// flag files one flag with its value, and returns how many of the arguments that
// follow it are its value.
func (a *arrangement) flag(arg string, rest []string) (used int, err error) {
	name, value, given := cutFlag(arg)
	list, f := &a.global, flagNamed(globalFlags, name)
	if f == nil {
		list, f = &a.local, flagNamed(a.commandFlags(), name)
	}
	if f == nil {
		return 0, a.unknownFlag(name)
	}
	if a.seen[f.name] {
		return 0, a.usage("the flag --%s is given twice", f.name)
	}
	a.seen[f.name] = true
	if f.boolean {
		if given && value != "true" && value != "false" {
			return 0, a.usage("--%s must be true or false, got %q", f.name, value)
		}
		*list = append(*list, arg)
		return 0, nil
	}
	if !given {
		if len(rest) == 0 || a.isFlag(rest[0]) {
			return 0, a.usage("the flag --%s needs a value: --%s %s", f.name, f.name, f.value)
		}
		value, used = rest[0], 1
	}
	if value == "" {
		return 0, a.usage("the flag --%s needs a value: --%s %s", f.name, f.name, f.value)
	}
	*list = append(*list, "--"+f.name+"="+value)
	return used, nil
}

// isFlag reports whether an argument is a flag rather than a value such as -1.
func (a *arrangement) isFlag(arg string) bool {
	name, _, _ := cutFlag(arg)
	return arg == "--" || flagNamed(globalFlags, name) != nil || flagNamed(a.commandFlags(), name) != nil
}

func (a *arrangement) commandFlags() []flagSpec {
	if a.command == nil {
		return nil
	}
	return a.command.flags
}

func (a *arrangement) unknownFlag(name string) error {
	flags := slices.Concat(a.commandFlags(), globalFlags)
	names := make([]string, 0, len(flags))
	for _, f := range flags {
		names = append(names, "--"+f.name)
	}
	if near, ok := datasource.Nearest("--"+name, names); ok && len(name) > 1 {
		return a.usage("there is no flag --%s; did you mean %s?", name, near)
	}
	return a.usage("there is no flag --%s", name)
}

func (a *arrangement) usage(format string, args ...any) error {
	program := "cohortlens"
	if a.command != nil {
		program += " " + a.command.name
	}
	return &usageError{fmt.Sprintf(format, args...), fmt.Sprintf("Run '%s --help' for what it takes.", program)}
}

func (a *arrangement) result() ([]string, error) {
	switch {
	case a.seen["version"]:
		return []string{"version"}, nil
	case a.seen["help"] || a.seen["h"]:
		return a.help(), nil
	}
	out := slices.Clone(a.global)
	if len(a.plain) == 0 {
		return append(out, a.local...), nil
	}
	if a.command == nil || !a.takeName() {
		return nil, unknownCommand(a.plain)
	}
	name, plain := a.command.name, a.plain
	if name == "help" && len(plain) > 0 {
		plain = []string{strings.Join(plain, " ")}
		if commandNamed(plain[0]) == nil && len(groupOf(plain[0])) == 0 {
			return nil, unknownCommand(a.plain)
		}
	}
	if slices.Contains(plain, "") {
		return nil, a.usage("an argument is empty; leave it out, or name what is meant")
	}
	if most := a.command.arguments; len(plain) > most {
		takes := "no argument"
		if most > 0 {
			takes = "at most " + plural(most, "argument")
		}
		return nil, a.usage("%s takes %s, got %q as well", name, takes, shown(plain[most]))
	}
	out = append(append(out, name), a.local...)
	if len(plain) > 0 {
		out = append(append(out, "--"), plain...)
	}
	return out, nil
}

// help returns the arguments that show the help of the command, or of its group,
// or of the program.
func (a *arrangement) help() []string {
	switch {
	case a.command != nil:
		return []string{"help", a.command.name}
	case len(a.plain) > 0 && len(groupOf(a.plain[0])) > 0:
		return []string{"help", a.plain[0]}
	}
	return []string{"help"}
}

// takeName removes the words of the command from the plain arguments, and reports
// whether they stand there.
func (a *arrangement) takeName() bool {
	words := strings.Fields(a.command.name)
	if len(a.plain) < len(words) || !slices.Equal(a.plain[:len(words)], words) {
		return false
	}
	a.plain = a.plain[len(words):]
	return true
}

// shown is an argument for messages: a URL may hold a password.
func shown(argument string) string {
	if name, err := store.Redact(argument); err == nil {
		return name
	}
	if scheme, _, url := strings.Cut(argument, "://"); url {
		return scheme + "://..."
	}
	return argument
}

func unknownCommand(plain []string) error {
	name := shown(plain[0])
	among := topNames()
	if group := groupOf(name); len(group) > 0 {
		if len(plain) == 1 {
			return &usageError{fmt.Sprintf("%s needs to know what to do: %s", name, strings.Join(group, ", ")), fmt.Sprintf("Run 'cohortlens %s --help'.", name)}
		}
		name, among = name+" "+plain[1], group
	}
	message := fmt.Sprintf("there is no command %q; the commands are %s", name, strings.Join(among, ", "))
	if near, ok := datasource.Nearest(name, among); ok {
		message = fmt.Sprintf("there is no command %q; did you mean %q?", name, near)
	} else if strings.ContainsAny(name, "./\\") {
		message = fmt.Sprintf("there is no command %q; did you mean \"run %s\"?", name, name)
	}
	return &usageError{message, "Run 'cohortlens help' for what there is."}
}
