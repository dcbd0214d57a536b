package config

import "log/slog"

// Secret is a text that is never printed: it formats, logs and marshals as
// "[redacted]", or as nothing when it is empty. Convert it to a string to use
// it.
type Secret string

const redacted = "[redacted]"

// String returns "[redacted]", or "" for an empty secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString keeps the secret out of %#v.
func (s Secret) GoString() string { return `config.Secret("` + s.String() + `")` }

// MarshalText keeps the secret out of JSON, YAML and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue keeps the secret out of logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
