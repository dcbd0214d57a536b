package cli

import (
	"strings"
	"testing"
)

// No line of help is too long, nothing is lost, and what is broken stands below
// its explanation.
func TestHelpIsWrapped(t *testing.T) {
	long := "   --eps X  " + strings.Repeat("word ", 40) + "end\n"
	text := wrapHelp("USAGE:\n" + long + strings.Repeat("plain ", 30) + "\n\n   short  one\n")
	if got, want := strings.Fields(text), strings.Fields(long); strings.Join(got[1:len(want)+1], " ") != strings.Join(want, " ") {
		t.Errorf("words were lost: %q", got)
	}
	for line := range strings.Lines(text) {
		if len(line) > helpWidth+1 {
			t.Errorf("%d characters: %q", len(line), line)
		}
		if words := strings.TrimLeft(line, " "); strings.HasPrefix(words, "word") && len(line)-len(words) != len("   --eps X  ") {
			t.Errorf("out of line: %q", line)
		}
	}
	if !strings.HasPrefix(text, "USAGE:\n") || !strings.HasSuffix(text, "\n\n   short  one\n") {
		t.Errorf("short lines have changed: %q", text)
	}
}
