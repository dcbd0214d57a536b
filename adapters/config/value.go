package config

import (
	"encoding/csv"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// kind says how a value was written.
type kind uint8

const (
	// plain is text without a type, from the environment or a flag.
	plain kind = iota
	quoted
	integral
	fractional
	boolean
	sequence
	other
)

// value is one setting as it was written.
type value struct {
	kind kind
	text string
	// list holds the elements of a sequence, each a scalar.
	list []value
}

// String shows the value in a message.
func (v value) String() string {
	switch v.kind {
	case plain, quoted:
		return strconv.Quote(shorten(v.text))
	case sequence:
		parts := make([]string, len(v.list))
		for i, e := range v.list {
			parts[i] = e.String()
		}
		return shorten("[" + strings.Join(parts, ", ") + "]")
	}
	return shorten(v.text)
}

func shorten(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

func (v value) is(kinds ...kind) bool { return v.kind == plain || slices.Contains(kinds, v.kind) }

// rule reads a value into a field of the configuration.
type rule struct {
	// want completes "must be ...".
	want string
	// read stores the value and reports whether it is allowed.
	read func(value) bool
	// words, if set, are all that is allowed; the nearest is suggested.
	words []string
	// refuse says for known values that cannot be used what to use instead.
	refuse map[string]string
}

func text(p *string) rule {
	return rule{want: "a text (in quotes if it looks like a number)", read: func(v value) bool {
		if !v.is(quoted) || v.text == "" {
			return false
		}
		*p = v.text
		return true
	}}
}

// optionalText is a text that may be empty.
func optionalText(p *string) rule {
	r := text(p)
	nonEmpty := r.read
	r.read = func(v value) bool {
		if v.kind == quoted && v.text == "" {
			*p = ""
			return true
		}
		return nonEmpty(v)
	}
	return r
}

func secret(p *Secret) rule {
	return rule{want: "a text", read: func(v value) bool {
		*p = Secret(v.text)
		return true
	}}
}

func whole(p *int, low, high int) rule {
	return rule{want: fmt.Sprintf("a whole number from %d to %d", low, high), read: func(v value) bool {
		n, err := strconv.Atoi(v.text)
		if !v.is(integral) || err != nil || n < low || n > high {
			return false
		}
		*p = n
		return true
	}}
}

func seed(p *uint64) rule {
	return rule{want: "a whole number from 0 to 18446744073709551615", read: func(v value) bool {
		n, err := strconv.ParseUint(v.text, 10, 64)
		if !v.is(integral) || err != nil {
			return false
		}
		*p = n
		return true
	}}
}

// number reads a finite number for which holds is true.
func number(p *float64, want string, holds func(float64) bool) rule {
	return rule{want: "a number " + want, read: func(v value) bool {
		f, err := strconv.ParseFloat(v.text, 64)
		if !v.is(integral, fractional) || err != nil || math.IsInf(f, 0) || !holds(f) {
			return false
		}
		*p = f
		return true
	}}
}

func truth(p *bool) rule {
	return rule{want: "true or false", read: func(v value) bool {
		b, err := strconv.ParseBool(v.text)
		if !v.is(boolean) || err != nil {
			return false
		}
		*p = b
		return true
	}}
}

// choice reads one of several words, upper and lower case alike; aliases maps
// further words to one of them.
func choice(p *string, words []string, aliases map[string]string) rule {
	return rule{want: "one of " + strings.Join(words, ", "), words: words, read: func(v value) bool {
		i := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, v.text) })
		switch {
		case !v.is(quoted):
			return false
		case i >= 0:
			*p = words[i]
			return true
		}
		word, ok := aliases[strings.ToUpper(v.text)]
		if ok {
			*p = word
		}
		return ok
	}}
}

// names reads a list of distinct, non-empty texts; among limits what they may
// be.
func names(p *[]string, among ...string) rule {
	want := "a list of distinct names"
	if len(among) > 0 {
		want = "a list of distinct words from " + strings.Join(among, ", ")
	}
	return rule{want: want, words: among, read: func(v value) bool {
		list, ok := v.names()
		if !ok || slices.ContainsFunc(list, func(s string) bool { return len(among) > 0 && !slices.Contains(among, s) }) {
			return false
		}
		*p = list
		return true
	}}
}

func (v value) names() ([]string, bool) {
	var list []string
	switch v.kind {
	case plain:
		list = SplitList(v.text)
	case sequence:
		list = make([]string, 0, len(v.list))
		for _, e := range v.list {
			if e.kind != quoted {
				return nil, false
			}
			list = append(list, e.text)
		}
	default:
		return nil, false
	}
	seen := make(map[string]bool, len(list))
	for _, s := range list {
		if s == "" || seen[s] {
			return nil, false
		}
		seen[s] = true
	}
	return list, len(list) > 0 || v.kind == sequence
}

// SplitList splits "A,B,C" into its trimmed elements. An element that has a
// comma itself stands in double quotes, as in a CSV file. A text that cannot be
// split so is one element.
func SplitList(s string) []string {
	r := csv.NewReader(strings.NewReader(s))
	r.TrimLeadingSpace = true
	list, err := r.Read()
	if err != nil {
		return []string{strings.TrimSpace(s)}
	}
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

// span reads a range of whole numbers whose end is exclusive, "[2, 11]" or, as
// plain text, "2,11".
func span(low, high *int) rule {
	return rule{want: "two whole numbers, the first at least 2 and the second, which is not included, above it and at most 1001",
		read: func(v value) bool {
			ends := v.list
			if v.kind == plain {
				for _, s := range SplitList(v.text) {
					ends = append(ends, value{text: s})
				}
			}
			if len(ends) != 2 {
				return false
			}
			var from, to int
			if !whole(&from, 2, 1000).read(ends[0]) || !whole(&to, from+1, 1001).read(ends[1]) {
				return false
			}
			*low, *high = from, to-1
			return true
		}}
}

// delimiter reads one character, or a name for one that is hard to type.
func delimiter(p *string) rule {
	known := map[string]string{"tab": "\t", `\t`: "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
	return rule{want: `one character such as "," or ";", or "tab"`, read: func(v value) bool {
		d := v.text
		if c, ok := known[strings.ToLower(d)]; ok {
			d = c
		}
		r, size := utf8.DecodeRuneInString(d)
		if !v.is(quoted) || size != len(d) || r == utf8.RuneError || strings.ContainsRune("\"\r\n\x00\uFEFF", r) {
			return false
		}
		*p = d
		return true
	}}
}

// postgres reads the URL of a PostgreSQL database. The driver that SQLAlchemy
// takes in a URL, as in postgresql+psycopg2://, is left out.
func postgres(p *Secret) rule {
	r := link(p, "postgres", "postgresql")
	plain := r.read
	r.read = func(v value) bool {
		scheme, rest, _ := strings.Cut(v.text, "://")
		scheme, _, _ = strings.Cut(scheme, "+")
		v.text = scheme + "://" + rest
		return plain(v)
	}
	return r
}

// link reads a URL of one of the given schemes, with a host.
func link[T ~string](p *T, schemes ...string) rule {
	return rule{want: "a URL that starts with " + strings.Join(schemes, ":// or ") + "://", read: func(v value) bool {
		u, err := url.Parse(v.text)
		if err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) {
			return false
		}
		*p = T(v.text)
		return true
	}}
}
