package store

import (
	"strings"
	"unicode/utf8"
)

const (
	// maxName is the length of names and IDs, in characters.
	maxName = 128
	// maxStripeID is the length of the IDs of Stripe.
	maxStripeID = 255
	// maxText is the size of other texts, such as JSON, in bytes.
	maxText = 1 << 20
)

// checkText refuses a text that one of the databases cannot hold, or that is
// shorter or longer than it may be, in characters.
func checkText(name, text string, least, most int) error {
	switch n := utf8.RuneCountInString(text); {
	case !utf8.ValidString(text):
		return invalid("%s is not UTF-8 text", name)
	case strings.ContainsRune(text, 0):
		return invalid("%s holds a NUL character", name)
	case n < least || n > most:
		return invalid("%s must have %d to %d characters, got %d", name, least, most, n)
	}
	return nil
}

// checked is a text with the limits of its length.
type checked struct {
	name, text  string
	least, most int
}

func checkTexts(all ...checked) error {
	for _, c := range all {
		if err := checkText(c.name, c.text, c.least, c.most); err != nil {
			return err
		}
	}
	return nil
}
