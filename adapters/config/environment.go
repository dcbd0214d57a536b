package config

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cohortlens/cohortlens/datasource"
)

const (
	ownPrefix      = "COHORTLENS_"
	configVariable = ownPrefix + "CONFIG"
)

// variables are those of the environment, or of one .env file.
type variables struct {
	// file is the name of the file, "" for the environment.
	file string
	text map[string]string
	// lines has the line of each variable in the file.
	lines map[string]int
}

func fromList(environ []string) variables {
	v := variables{text: make(map[string]string, len(environ))}
	for _, e := range environ {
		name, text, _ := strings.Cut(e, "=")
		v.text[name] = text
	}
	return v
}

// fault says what is wrong with one variable.
func (v variables) fault(name, problem string) *Error {
	e := &Error{File: v.file, Line: v.lines[name], Message: problem}
	if e.Line > 0 {
		e.Column = 1
	}
	return e
}

// readEnvironment sets what the environment says, and what .env says where the
// environment is silent. An empty variable says nothing.
func (s Sources) readEnvironment(c *Config, environ variables) error {
	places := []variables{environ}
	for _, name := range s.dotenvFiles(c.Root) {
		v, err := s.readDotenv(name)
		if err != nil {
			return err
		}
		places = append(places, v)
	}
	settings := c.settings()
	for _, set := range settings {
		for _, v := range places {
			text := v.text[set.variable]
			if text == "" {
				continue
			}
			if problem := set.apply("environment variable "+set.variable, value{text: text}); problem != "" {
				return v.fault(set.variable, problem)
			}
			break
		}
	}
	for _, v := range places {
		c.Warnings = append(c.Warnings, v.misspelt(settings)...)
	}
	return nil
}

// misspelt lists the variables of the program's own kind that nothing reads, and
// whose names are near one that is read.
func (v variables) misspelt(settings []setting) []string {
	known := []string{strings.TrimPrefix(configVariable, ownPrefix)}
	for _, set := range settings {
		if name, own := strings.CutPrefix(set.variable, ownPrefix); own {
			known = append(known, name)
		}
	}
	var warnings []string
	for _, variable := range slices.Sorted(maps.Keys(v.text)) {
		name, own := strings.CutPrefix(variable, ownPrefix)
		if !own || v.text[variable] == "" || slices.Contains(known, name) {
			continue
		}
		if near, ok := datasource.Nearest(name, known); ok {
			text := fmt.Sprintf("nothing reads the environment variable %s; did you mean %s%s?", variable, ownPrefix, near)
			warnings = append(warnings, v.fault(variable, text).Error())
		}
	}
	return warnings
}

// dotenvFiles lists the .env files, the first to be asked first.
func (s Sources) dotenvFiles(root string) []string {
	files := []string{filepath.Join(s.Dir, ".env")}
	if root != s.Dir {
		files = append(files, filepath.Join(root, ".env"))
	}
	return files
}
