package cli

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// withGroup adds a group of commands for a test.
func withGroup(t *testing.T) {
	before := commands
	t.Cleanup(func() { commands = before })
	commands = append(slices.Clone(commands),
		command{name: "group one", arguments: 1, flags: []flagSpec{seedFlag, jsonFlag}}, command{name: "group two"})
}

func TestArrange(t *testing.T) {
	withGroup(t)
	for _, test := range []struct{ args, want string }{
		{"", ""},
		{"run", "run"},
		{"run a.csv --json", "run --json -- a.csv"},
		{"segment --k 3 a.csv", "segment --k=3 -- a.csv"},
		{"segment -k=3 a.csv", "segment --k=3 -- a.csv"},
		{"segment a.csv --config c --k 3", "--config=c segment --k=3 -- a.csv"},
		{"--config c segment", "--config=c segment"},
		{"--k 3 --json segment a.csv", "segment --k=3 --json -- a.csv"},
		{"--config segment segment", "--config=segment segment"},
		{"segment -", "segment -- -"},
		{"segment -- --k", "segment -- --k"},
		{"segment --seed -1", "segment --seed=-1"},
		{"segment --json=false", "segment --json=false"},
		{"--version run", "version"},
		{"run --help", "help run"},
		{"-h", "help"},
		{"help run", "help -- run"},
		{"group one a.csv --json", "group one --json -- a.csv"},
		{"--json group --seed 3 one", "group one --json --seed=3"},
		{"group one --help", "help group one"},
		{"help group one", "help -- group one"},
		{"group --help", "help group"},
		{"help group", "help -- group"},
	} {
		got, err := arrange(strings.Fields(test.args))
		if err != nil || strings.Join(got, " ") != test.want {
			t.Errorf("%q: got %q, %v; want %q", test.args, strings.Join(got, " "), err, test.want)
		}
	}
}

func TestArrangeRefuses(t *testing.T) {
	withGroup(t)
	for args, want := range map[string]string{
		"segment --kk 3":             "no flag --kk; did you mean --k?",
		"segment --x":                "no flag --x",
		"--k 3 segment x --k 3":      "given twice",
		"segment --k":                "needs a value",
		"segment --k --":             "needs a value",
		"segment --out= x":           "needs a value",
		"segment --json=1":           "--json must be true or false",
		"segment a b":                "at most 1 argument",
		"version a":                  "takes no argument, got \"a\" as well",
		"sement":                     `did you mean "segment"?`,
		"dir/a.csv":                  `did you mean "run dir/a.csv"?`,
		"-- run":                     `no command "run"`,
		"frobnicate":                 "the commands are run, segment",
		"group":                      "group needs to know what to do: group one, group two",
		"group on":                   `did you mean "group one"?`,
		"group x":                    "the commands are group one, group two",
		"group one a b":              "at most 1 argument",
		"help group x":               `no command "group x"`,
		"help frobnicate":            `no command "frobnicate"`,
		"version --data x":           "no flag --data",
		"predict --numercal A":       "did you mean --numerical?",
		"report --figure a":          "did you mean --figures?",
		"segment --log-level":        "needs a value",
		"--config a segment --cnfig": "did you mean --config?",
	} {
		_, err := arrange(strings.Fields(args))
		var usage *usageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", args, err, want)
		}
	}
}

// FuzzArrange holds the order of arguments to two rules: none appears from
// nowhere, and what is arranged already stays as it is.
func FuzzArrange(f *testing.F) {
	for _, seed := range []string{"run a --json", "segment --k 3 -- --x", "--config f report", "= - -- ---", "help run"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Split(line, " ")
		once, err := arrange(args)
		if err != nil {
			if !strings.Contains(err.Error(), " ") {
				t.Errorf("%q: a poor message: %v", args, err)
			}
			return
		}
		twice, err := arrange(once)
		if err != nil || !slices.Equal(once, twice) {
			t.Errorf("%q became %q and then %q, %v", args, once, twice, err)
		}
	})
}

// TestFlagsAreConsistent holds the tables of flags to what the code assumes.
func TestFlagsAreConsistent(t *testing.T) {
	for _, c := range commands {
		seen := map[string]bool{}
		for _, f := range slices.Concat(c.flags, globalFlags) {
			if seen[f.name] {
				t.Errorf("%s: the flag --%s is there twice", c.name, f.name)
			}
			seen[f.name] = true
			if f.boolean == (f.value != "") {
				t.Errorf("%s: --%s is a switch with a value, or no switch without one", c.name, f.name)
			}
			if !f.boolean && !strings.Contains(f.usage, "`"+f.value+"`") {
				t.Errorf("%s: the help for --%s does not mention `%s`", c.name, f.name, f.value)
			}
		}
		if c.run == nil || c.usage == "" || c.description == "" {
			t.Errorf("%s is not complete", c.name)
		}
	}
}
