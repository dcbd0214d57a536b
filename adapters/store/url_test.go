package store

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestParseURL(t *testing.T) {
	for _, test := range []struct{ url, path, pool, direct string }{
		{url: "sqlite:a/b.db", path: "a/b.db"},
		{url: "sqlite:/abs/b.db", path: "/abs/b.db"},
		{url: "sqlite:///b.db", path: "b.db"},
		{url: "sqlite:////abs/b.db", path: "/abs/b.db"},
		{url: "sqlite:C:\\b.db", path: "C:\\b.db"},
		{url: "sqlite::memory:", path: ":memory:"},
		{url: "sqlite://", path: ":memory:"},
		{url: "postgres://u:p@db.example.com/d", pool: "sslmode=require statement_timeout=5000", direct: "db.example.com sslmode=require statement_timeout=0"},
		{url: "postgresql+psycopg2://u:p@db.example.com/d?sslmode=verify-full", pool: "sslmode=verify-full"},
		{url: "postgres://u:p@127.0.0.1:5433/d", pool: "127.0.0.1:5433 sslmode=prefer"},
		{url: "postgres://u:p@localhost/d?sslmode=disable", pool: "sslmode=disable"},
		{url: "postgres:///d?host=/var/run/postgresql", pool: "sslmode=prefer"},
		{url: "postgres://u:p@10.0.0.7/d", pool: "sslmode=require"},
		{
			url:    "postgresql://u:p@ep-cool-1-pooler.eu-central-1.aws.neon.tech/d?sslmode=require&channel_binding=require",
			pool:   "ep-cool-1-pooler.eu-central-1.aws.neon.tech binary_parameters=yes !statement_timeout !channel_binding",
			direct: "ep-cool-1.eu-central-1.aws.neon.tech statement_timeout=0 !pooler",
		},
		{url: "postgres://u:p@ep-a-pooler.example.com:6000/d", direct: "@ep-a.example.com:6000/d"},
		{url: "postgres://u:p@a-pooler.example.com/d", pool: "statement_timeout=5000", direct: "@a-pooler.example.com/d"}, // of someone else
		{url: "postgres://u:p@localhost/d?host=db.example.com", pool: "sslmode=require"},
		{url: "postgres://u:p@localhost/d?hostaddr=10.0.0.7", pool: "sslmode=require"},
		{url: "postgres:///d?host=localhost,db.example.com", pool: "sslmode=require"},
		{url: "postgres://u:p@[::1]/d", pool: "sslmode=prefer"},
		{url: "postgres://u:a%2Fb%40c@db.example.com/d%2Fe", pool: "u:a/b@c@db.example.com/d"},
		{url: "postgres://u:p@db.example.com/d?connect_timeout=3", pool: "connect_timeout=3"},
	} {
		got, err := parseURL(test.url, 5*time.Second)
		if err != nil {
			t.Errorf("%s: %v", test.url, err)
			continue
		}
		if got.path != test.path {
			t.Errorf("%s: path %q, want %q", test.url, got.path, test.path)
		}
		holds(t, got.pool, test.pool)
		holds(t, got.direct, test.direct)
	}
}

// holds checks that a URL has all words, and none of those after an exclamation
// mark.
func holds(t *testing.T, u, words string) {
	t.Helper()
	plain, err := url.QueryUnescape(u)
	if err != nil {
		t.Fatal(err)
	}
	for word := range strings.FieldsSeq(words) {
		bare, absent := strings.CutPrefix(word, "!")
		if strings.Contains(plain, bare) == absent {
			t.Errorf("%s: want %s", u, word)
		}
	}
}

func TestParseURLRefuses(t *testing.T) {
	const secret = "hunter2"
	for _, u := range []string{
		"", "mysql://u:hunter2@h/d", "postgres", "postgres://u:hunter2@h", "postgres://u:hunter2@h/",
		"postgres://u:hunter2%@h/d", "postgres://u:hunter2@h:port/d", "sqlite:", "sqlite://a/b.db", "sqlite:a?mode=ro", "sqlite:a\x00b",
		"postgres://u:hunter2@h/d?sslmode=hunter2",
		"postgres://u:12/hunter2@h/d", "postgres://u:x@y/hunter2@h/d", "postgres://u:12/hunter2@h:5432", "postgres://u:12#hunter2@h/d", "postgres://h/d#hunter2",
	} {
		_, err := Open(t.Context(), u, Options{})
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: got %v, want ErrInvalid", u, err)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("%q: the error has the password: %v", u, err)
		}
	}
}
