package cli

import (
	"fmt"
	"slices"
	"strings"

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

// findCommand returns the first plain argument's command, nil if there is none.
func findCommand(args []string) *command {
	for i := 0; i < len(args); i++ {
		name, _, given := cutFlag(args[i])
		switch {
		case args[i] == "--":
			return nil
		case name == "":
			return commandNamed(args[i])
		}
		if takesValue(name) && !given {
			i++
		}
	}
	return nil
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
		if a.command == nil {
			return []string{"help"}, nil
		}
		return []string{"help", a.command.name}, nil
	}
	out := slices.Clone(a.global)
	if len(a.plain) == 0 {
		return append(out, a.local...), nil
	}
	name, plain := a.plain[0], a.plain[1:]
	if a.command == nil || a.command.name != name {
		return nil, unknownCommand(name)
	}
	if name == "help" && len(plain) > 0 && commandNamed(plain[0]) == nil {
		return nil, unknownCommand(plain[0])
	}
	if slices.Contains(plain, "") {
		return nil, a.usage("an argument is empty; leave it out, or name what is meant")
	}
	if most := a.command.arguments; len(plain) > most {
		return nil, a.usage("%s takes at most %s, got %q as well", name, plural(most, "argument"), plain[most])
	}
	out = append(append(out, name), a.local...)
	if len(plain) > 0 {
		out = append(append(out, "--"), plain...)
	}
	return out, nil
}

func unknownCommand(name string) error {
	names := make([]string, 0, len(commands))
	for _, c := range commands {
		names = append(names, c.name)
	}
	message := fmt.Sprintf("there is no command %q; the commands are %s", name, strings.Join(names, ", "))
	if near, ok := datasource.Nearest(name, names); ok {
		message = fmt.Sprintf("there is no command %q; did you mean %q?", name, near)
	} else if strings.ContainsAny(name, "./\\") {
		message = fmt.Sprintf("there is no command %q; did you mean \"run %s\"?", name, name)
	}
	return &usageError{message, "Run 'cohortlens help' for what there is."}
}
