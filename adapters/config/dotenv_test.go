package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestLinesOfVariables(t *testing.T) {
	const text = "# shop\r\n\r\nA=1\r\nexport B = x # note\nC: y\nD='one\ntwo # \\' \nthree' # note\nE=\n  F=\"\\\"\"\nG=a=b:c"
	want := map[string]int{"A": 3, "B": 4, "C": 5, "D": 6, "E": 9, "F": 10, "G": 11}
	v, err := Sources{Dir: "/", ReadFile: files{"/.env": text}.read}.readDotenv("/.env")
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(v.lines, want) {
		t.Errorf("got lines %v, want %v", v.lines, want)
	}
	names := func(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
	if got := names(v.text); !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
		t.Errorf("values are of %q", got)
	}
	if v.text["B"] != "x" || v.text["C"] != "y" || !strings.HasSuffix(v.text["D"], "\nthree") || v.text["G"] != "a=b:c" {
		t.Errorf("got values %q", v.text)
	}
}

func TestFaultsOfDotenvHaveALine(t *testing.T) {
	for text, want := range map[string]string{
		"A=1\n=x\n":                        ".env:2:1: the line cannot be read",
		"A=1\n\nA B=c\n":                   ".env:3:1: the line cannot be read",
		"export =x":                        ".env:1:1: the line cannot be read",
		"1A=x":                             ".env:1:1: the line cannot be read",
		"A='x\ny'\nB":                      ".env:3:1: the line cannot be read",
		"A=1\nB=\"x\nC=3\n":                ".env:2:1: the quote does not close",
		"A='x' B=2":                        ".env:1:1: there is text after the closing quote",
		"A=1\nRATE_LIMIT_PER_MINUTE=fast":  `.env:2:1: environment variable RATE_LIMIT_PER_MINUTE must be a whole number`,
		"JWT_EXPIRE_MINUTES='a\n\n'\nB=\n": ".env:1:1: environment variable JWT_EXPIRE_MINUTES must be",
	} {
		_, err := Load(Sources{Dir: "/home/shop/sub", ReadFile: files{"/home/shop/sub/.env": text}.read})
		var e *Error
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), want) || e.Excerpt != "" {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestMisspeltVariables(t *testing.T) {
	dotenv := files{"/home/shop/sub/.env": "\nCOHORTLENS_MODEL_RANDOM_SEED=7\nCOHORTLENS_MODELS_RANDOM_SEED=8\n"}
	c := load(t, dotenv, "COHORTLENS_CONFG=x", "COHORTLENS_SEED=1", "COHORTLENS_REPORTING_DPY=", "COHORTLENS_REQUIRE_ALL=1", "JWT_SECRE=x")
	want := []string{
		"nothing reads the environment variable COHORTLENS_CONFG; did you mean COHORTLENS_CONFIG?",
		"nothing reads the environment variable COHORTLENS_SEED; did you mean COHORTLENS_MODELS_RANDOM_SEED?",
		".env:2:1: nothing reads the environment variable COHORTLENS_MODEL_RANDOM_SEED; did you mean COHORTLENS_MODELS_RANDOM_SEED?",
	}
	if !slices.Equal(c.Warnings, want) {
		t.Errorf("got %s", strings.Join(c.Warnings, "\n"))
	}
	if fmt.Sprint(c.Models.Seed) != "8" {
		t.Errorf("the seed is %d", c.Models.Seed)
	}
}

func TestExcerptsShowOnlyWhatCanBeSeen(t *testing.T) {
	got := excerpt([]byte("a: \u202e\u200b\x1b\u009b\u2066x"), 1, 9)
	if want := "   1 | a: ?????x\n     |         ^"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
