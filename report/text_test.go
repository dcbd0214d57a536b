package report

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostile are texts that a customer file may hold.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onload='alert(1)`, `</text></svg><script>x</script>`,
	`&lt;b&gt; & co`, `]]>`, `<!--`, `{{.Title}}`, "a\x00b\x07c\x1b[31m", "line\nbreak\r\ttab", "\xff\xfe broken \xc3",
	"\u202Egnp.exe", "\u2066isolated\u2069", "شركة العملاء", "👩‍👩‍👧‍👦 family", "́combining", strings.Repeat("long ", 2000), strings.Repeat("W", 10_000),
	"javascript:alert(1)", "=cmd|' /C calc'!A0", "", " ",
}

func TestPlain(t *testing.T) {
	for _, s := range hostile {
		got := plain(s, longest)
		if !utf8.ValidString(got) {
			t.Errorf("plain(%.20q) is not valid UTF-8", s)
		}
		if n := utf8.RuneCountInString(got); n > longest+1 {
			t.Errorf("plain(%.20q) has %d characters, want at most %d", s, n, longest+1)
		}
		if i := strings.IndexFunc(got, func(r rune) bool { return unicode.IsControl(r) || isDirection(r) }); i >= 0 {
			t.Errorf("plain(%.20q) keeps %q", s, got[i:])
		}
	}
	if got := plain("Ångström & Söhne", longest); got != "Ångström & Söhne" {
		t.Errorf("harmless text became %q", got)
	}
	if got := plain("abcdef", 3); got != "abc…" {
		t.Errorf("got %q, want %q", got, "abc…")
	}
}

func testFace(t testing.TB) face {
	t.Helper()
	f, err := loadFace()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTextFits(t *testing.T) {
	f := testFace(t)
	least := f.width("\uFFFD…", 8) // one wide character and the sign for more
	for _, s := range append(hostile, "Annual Income ($)", "high income, low spending") {
		for _, width := range []float64{1, 20, 60, 200} {
			if got := f.fit(s, 8, width); f.width(got, 8) > max(width, least) {
				t.Errorf("fit(%.20q, %v) is %v wide", s, width, f.width(got, 8))
			}
			lines := f.wrap(s, width, 2)
			if len(lines) < 1 || len(lines) > 2 {
				t.Errorf("wrap(%.20q, %v) gave %d lines, want 1 or 2", s, width, len(lines))
			}
			if got := f.widest(lines, 8); got > max(width, least) {
				t.Errorf("wrap(%.20q, %v) is %v wide", s, width, got)
			}
		}
	}
}

func TestWrap(t *testing.T) {
	f := testFace(t)
	for _, tc := range []struct {
		text  string
		width float64
		lines int
		want  string
	}{
		{"Annual Income ($)", 200, 3, "Annual Income ($)"},
		{"Annual Income ($)", 60, 3, "Annual Income/($)"},
		{"one two three four", 30, 2, "one two/three f…"},
		{"", 30, 2, ""},
	} {
		if got := strings.Join(f.wrap(tc.text, tc.width, tc.lines), "/"); got != tc.want {
			t.Errorf("wrap(%q, %v, %d) = %q, want %q", tc.text, tc.width, tc.lines, got, tc.want)
		}
	}
}
